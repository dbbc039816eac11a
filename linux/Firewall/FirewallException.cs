namespace Elysium.Linux.Firewall;

/// <summary>Why the rules cannot be what they should be.</summary>
public enum FirewallFailure
{
    /// <summary>We may not configure the network (no CAP_NET_ADMIN in the namespace; not root).</summary>
    NotPermitted,

    /// <summary>The kernel has no nf_tables, or lacks a part of it that the rules need.</summary>
    NotSupported,

    /// <summary>A table of our name exists, and we did not make it.</summary>
    ForeignTable,

    /// <summary>The kernel refused the rules for another reason, or its answer makes no sense.</summary>
    Refused,
}

/// <summary>The rules cannot be what they should be; nothing was changed. The message says what is wrong and what to do.</summary>
/// <param name="failure">Why.</param>
/// <param name="message">For people.</param>
/// <param name="inner">What caused it, if anything did.</param>
public sealed class FirewallException(FirewallFailure failure, string message, Exception? inner = null) : Exception(message, inner)
{
    /// <summary>Why.</summary>
    public FirewallFailure Failure { get; } = failure;

    internal static FirewallException Of(NetlinkException exception) => exception.Errno switch
    {
        Errno.EPERM or Errno.EACCES => new(
            FirewallFailure.NotPermitted,
            $"The firewall's rules cannot be set ({exception.Message}): run this as root, or with CAP_NET_ADMIN.",
            exception),

        // EINVAL and EOPNOTSUPP: no nf_tables at all, to a request and to a batch (nfnetlink.c); ENOENT: an expression or a kind of chain is missing.
        Errno.EOPNOTSUPP or Errno.EPROTONOSUPPORT or Errno.EAFNOSUPPORT or Errno.ENOENT or Errno.EINVAL => new(
            FirewallFailure.NotSupported,
            $"The kernel has no nf_tables that can hold the firewall's rules ({exception.Message}): load its modules (modprobe -a {Modules}), or run Linux {OldestKernel} or newer with CONFIG_NF_TABLES_INET.",
            exception),
        _ => new(FirewallFailure.Refused, $"The kernel refused the firewall's rules: {exception.Message}", exception),
    };

    /// <summary>A table keeps its mark since this kernel (user data of tables).</summary>
    private const string OldestKernel = "5.10";

    private const string Modules = "nf_tables nft_ct nft_masq nft_chain_nat";
}

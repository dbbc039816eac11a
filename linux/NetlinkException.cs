namespace Elysium.Linux;

/// <summary>The kernel refused a request, or its answer makes no sense.</summary>
/// <param name="doing">What we were doing, such as <c>adding the address 10.0.0.1/24 to link 4</c>.</param>
/// <param name="errno">The error number (errno(3)); 0 where the answer itself was at fault.</param>
/// <param name="kernelMessage">The kernel's own words (extended acknowledgement), if it had any.</param>
public sealed class NetlinkException(string doing, int errno, string? kernelMessage = null)
    : Exception($"Netlink failed while {doing}: {(errno == 0 ? "malformed answer" : Linux.Errno.Describe(errno))}{(kernelMessage is null ? "" : $" ({kernelMessage})")}.")
{
    internal NetlinkException(NetlinkException refusal, int requestIndex)
        : this(refusal.Doing, refusal.Errno, refusal.KernelMessage)
    {
        AttributeOffset = refusal.AttributeOffset;
        AttributeType = refusal.AttributeType;
        MissingAttribute = refusal.MissingAttribute;
        Policy = refusal.Policy;
        RequestIndex = requestIndex;
    }

    /// <summary>What we were doing.</summary>
    public string Doing { get; } = doing;

    /// <summary>The error number (errno(3)); 0 where the answer itself was at fault.</summary>
    public int Errno { get; } = errno;

    /// <summary>The kernel's own words (extended acknowledgement), if it had any.</summary>
    public string? KernelMessage { get; } = kernelMessage;

    /// <summary>Where in the request the attribute stands that the kernel did not like, in bytes; null if it did not say.</summary>
    public int? AttributeOffset { get; init; }

    /// <summary>The type of that attribute; null if the kernel did not say where it stands.</summary>
    public int? AttributeType { get; init; }

    /// <summary>The type of an attribute that the request lacks; null if the kernel did not say.</summary>
    public int? MissingAttribute { get; init; }

    /// <summary>What the kernel would have taken for that attribute; null if it did not say.</summary>
    public AttributePolicy? Policy { get; init; }

    /// <summary>Which request of a batch was refused, counted from 0; 0 for a request of its own.</summary>
    public int RequestIndex { get; init; }

    /// <summary>Makes a change; false: it was refused with this error, which means that somebody was faster.</summary>
    internal static bool Unless(int errno, Action change)
    {
        try
        {
            change();
            return true;
        }
        catch (NetlinkException exception) when (exception.Errno == errno)
        {
            return false;
        }
    }
}

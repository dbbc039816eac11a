namespace Elysium.Linux;

/// <summary>The kernel refused a request, or its answer makes no sense.</summary>
/// <param name="doing">What we were doing, such as <c>adding the address 10.0.0.1/24 to link 4</c>.</param>
/// <param name="errno">The error number (errno(3)); 0 where the answer itself was at fault.</param>
/// <param name="kernelMessage">The kernel's own words (extended acknowledgement), if it had any.</param>
public sealed class NetlinkException(string doing, int errno, string? kernelMessage = null)
    : Exception($"Netlink failed while {doing}: {(errno == 0 ? "malformed answer" : Linux.Errno.Describe(errno))}{(kernelMessage is null ? "" : $" ({kernelMessage})")}.")
{
    /// <summary>What we were doing.</summary>
    public string Doing { get; } = doing;

    /// <summary>The error number (errno(3)); 0 where the answer itself was at fault.</summary>
    public int Errno { get; } = errno;

    /// <summary>The kernel's own words (extended acknowledgement), if it had any.</summary>
    public string? KernelMessage { get; } = kernelMessage;
}

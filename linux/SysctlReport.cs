namespace Elysium.Linux;

/// <summary>What became of a kernel parameter, in a form to be shown to people.</summary>
/// <param name="Name">Its name, such as <c>net/ipv4/ip_forward</c>.</param>
/// <param name="Wanted">The value that it should have.</param>
/// <param name="Before">The value that it had; null if there is none.</param>
/// <param name="Outcome">What became of it.</param>
/// <param name="Refusal">Why it was refused, as an error number (EROFS: <c>/proc/sys</c> is read-only); 0 if it was not.</param>
public sealed record SysctlReport(string Name, string Wanted, string? Before, SysctlOutcome Outcome, int Refusal = 0)
{
    /// <summary>Whether it has the wanted value now.</summary>
    public bool IsAsWanted => Outcome is SysctlOutcome.Unchanged or SysctlOutcome.Changed;

    /// <summary>One sentence that says what is, and what to do where that is not what was wanted.</summary>
    public override string ToString() => Outcome switch
    {
        SysctlOutcome.Unchanged => $"{Name} is {Wanted} already.",
        SysctlOutcome.Changed => $"{Name} is {Wanted} now, and was {Before}.",
        SysctlOutcome.Missing => $"{Name} should be {Wanted}, and this kernel or network namespace has no such parameter.",
        _ => $"{Name} is {Before} and should be {Wanted}: {Why}",
    };

    private string Why => Refusal switch
    {
        Errno.EROFS => "/proc/sys is read-only here, as in most containers; set it outside, or with the container's own option (--sysctl).",
        Errno.EACCES or Errno.EPERM => "this process may not write it; run as root, or with CAP_NET_ADMIN in the network namespace's own user namespace.",
        var error => $"the kernel does not take that value ({Errno.Describe(error)}).",
    };
}

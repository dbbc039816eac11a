namespace Elysium.Linux;

/// <summary>
/// What the kernel must allow so that an interface relays: packets that come in by it go on, and no more than that is opened. What has
/// to be changed for all links is written down first, and given back when the last interface goes. ICMP redirects, which are nonsense to a peer
/// that reaches others through us alone, are dropped by the firewall: the parameter that keeps them from being sent is one of all links.
/// </summary>
internal sealed class Forwarding(string directory)
{
    private readonly Lock _lock = new();

    private string Journal => Path.Join(directory, "kernel-parameters.json");

    public void Allow(InterfaceSpec spec, List<string> changes, List<string> problems)
    {
        // IPv4 judges by the link that a packet comes in on (ip_route_input: IN_DEV_FORWARD), so this makes no router of the machine.
        Note(Sysctl.Set(NetworkParameter.IPv4ForwardingOf(spec.Name), "1"), $"{spec.Name} does not relay between peers", changes, problems);
        if (spec.Addresses.Any(address => address.Prefix.IsIPv6))
        {
            AllowIPv6(spec.Name, changes, problems);
        }
    }

    /// <summary>Gives back what was changed for all links.</summary>
    /// <exception cref="IOException">What was before cannot be read, or a parameter cannot be written; the message says which.</exception>
    public void Restore()
    {
        lock (_lock)
        {
            if (!File.Exists(Journal))
            {
                return;
            }

            try
            {
                var refused = SysctlJournal.Open(Journal).Restore().Where(report => report.Outcome == SysctlOutcome.Refused).ToList();
                if (refused.Count > 0)
                {
                    throw new IOException($"Kernel parameters cannot be given back what they had. {string.Join(' ', refused)}");
                }
            }
            catch (InvalidDataException exception)
            {
                throw new IOException(exception.Message, exception);
            }
        }
    }

    // IPv6 asks the parameter of all links (ip6_forward), and since Linux 6.17 this one of the link that a packet comes in on.
    private void AllowIPv6(string name, List<string> changes, List<string> problems)
    {
        const string Otherwise = "IPv6 is not relayed between peers";
        var own = $"net/ipv6/conf/{name}/force_forwarding";
        if (Sysctl.Read(own) is not null)
        {
            Note(Sysctl.Set(own, "1"), Otherwise, changes, problems);
            return;
        }

        // A machine that forwards takes no router's advertisements any more, and would lose its own default route: 2 is "even so".
        if (Sysctl.Read(NetworkParameter.IPv6Forwarding) == "0")
        {
            foreach (var link in Directory.EnumerateDirectories("/proc/sys/net/ipv6/conf").Select(Path.GetFileName))
            {
                var advertisements = $"net/ipv6/conf/{link}/accept_ra";
                if (Sysctl.Read(advertisements) == "1")
                {
                    SetForAll(advertisements, "2", $"{link} may lose the IPv6 routes that a router advertises", changes, problems);
                }
            }
        }

        SetForAll(NetworkParameter.IPv6Forwarding, "1", Otherwise, changes, problems);
    }

    private void SetForAll(string name, string value, string otherwise, List<string> changes, List<string> problems)
    {
        if (Sysctl.Read(name) == value)
        {
            return;
        }

        lock (_lock)
        {
            try
            {
                Directory.CreateDirectory(directory);
                Note(SysctlJournal.Open(Journal).Set(name, value), otherwise, changes, problems);
            }
            catch (Exception exception) when (exception is IOException or UnauthorizedAccessException or InvalidDataException)
            {
                problems.Add($"{name} should be {value} and is left as it is, because what it was cannot be written down ({exception.Message}): {otherwise}.");
            }
        }
    }

    private static void Note(SysctlReport report, string otherwise, List<string> changes, List<string> problems)
    {
        if (!report.IsAsWanted)
        {
            problems.Add($"{otherwise}: {report}");
        }
        else if (report.Outcome == SysctlOutcome.Changed)
        {
            changes.Add($"{report.Name} = {report.Wanted}");
        }
    }
}

namespace Elysium.Linux;

/// <summary>What the kernel must allow so that an interface relays: packets that come in by it go on, and no more than that is opened.</summary>
internal static class Forwarding
{
    public static void Allow(InterfaceSpec spec, List<string> changes, List<string> problems)
    {
        // IPv4 judges by the link that a packet comes in on (ip_route_input: IN_DEV_FORWARD), so this makes no router of the machine.
        Set($"net/ipv4/conf/{spec.Name}/forwarding", "1", $"{spec.Name} does not relay between peers", changes, problems);

        // Redirects are sent if either of the two parameters says so (IN_DEV_ORCONF); to a peer, who reaches others through us alone, they are nonsense.
        Set("net/ipv4/conf/all/send_redirects", "0", "peers may get ICMP redirects", changes, problems);
        Set($"net/ipv4/conf/{spec.Name}/send_redirects", "0", "peers may get ICMP redirects", changes, problems);
        if (spec.Addresses.Any(address => address.Prefix.IsIPv6))
        {
            AllowIPv6(spec.Name, changes, problems);
        }
    }

    // IPv6 asks the parameter of all links (ip6_forward), and since Linux 6.17 this one of the link that a packet comes in on.
    private static void AllowIPv6(string name, List<string> changes, List<string> problems)
    {
        const string Otherwise = "IPv6 is not relayed between peers";
        var own = $"net/ipv6/conf/{name}/force_forwarding";
        if (Sysctl.Read(own) is not null)
        {
            Set(own, "1", Otherwise, changes, problems);
            return;
        }

        // A machine that forwards takes no router's advertisements any more, and would lose its own default route: 2 is "even so".
        if (Sysctl.Read("net/ipv6/conf/all/forwarding") == "0")
        {
            foreach (var link in Directory.EnumerateDirectories("/proc/sys/net/ipv6/conf").Select(Path.GetFileName).Where(link => Sysctl.Read($"net/ipv6/conf/{link}/accept_ra") == "1"))
            {
                Set($"net/ipv6/conf/{link}/accept_ra", "2", $"{link} may lose the IPv6 routes that a router advertises", changes, problems);
            }
        }

        Set("net/ipv6/conf/all/forwarding", "1", Otherwise, changes, problems);
    }

    private static void Set(string name, string value, string otherwise, List<string> changes, List<string> problems)
    {
        switch (Sysctl.Write(name, value))
        {
            case SysctlOutcome.Changed:
                changes.Add($"{name} = {value}");
                break;
            case SysctlOutcome.Refused or SysctlOutcome.Missing:
                problems.Add($"The kernel parameter {name} should be {value} and cannot be set: {otherwise}.");
                break;
        }
    }
}

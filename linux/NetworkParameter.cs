namespace Elysium.Linux;

/// <summary>Names of kernel parameters for <see cref="Sysctl"/> (Linux documentation, networking/ip-sysctl).</summary>
public static class NetworkParameter
{
    /// <summary>Whether IPv4 packets are relayed at all; setting it sets <see cref="IPv4ForwardingOf"/> of every link.</summary>
    public const string IPv4Forwarding = "net/ipv4/ip_forward";

    /// <summary>Whether IPv6 packets are relayed; setting it sets that of every link, and a router listens to no router advertisements.</summary>
    public const string IPv6Forwarding = "net/ipv6/conf/all/forwarding";

    /// <summary>Whether the mark of a packet counts when its source address is checked: wanted where marks choose the route.</summary>
    public const string SourceValidMark = "net/ipv4/conf/all/src_valid_mark";

    /// <summary>Stands for all links, where a parameter has one for each.</summary>
    public const string All = "all";

    /// <summary>Stands for links to come.</summary>
    public const string Default = "default";

    /// <summary>Whether IPv4 packets that come in on this link are relayed.</summary>
    public static string IPv4ForwardingOf(string link) => $"net/ipv4/conf/{link}/forwarding";

    /// <summary>Whether the link is a router to IPv6.</summary>
    public static string IPv6ForwardingOf(string link) => $"net/ipv6/conf/{link}/forwarding";

    /// <summary>Whether a source address must lead back over the link (1), over any link (2), or anywhere (0); the larger of this and that of all counts.</summary>
    public static string ReversePathFilterOf(string link) => $"net/ipv4/conf/{link}/rp_filter";

    /// <summary>Whether a sender is told of a shorter way; on if this or that of all is 1.</summary>
    public static string SendRedirectsOf(string link) => $"net/ipv4/conf/{link}/send_redirects";
}

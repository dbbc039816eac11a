using System.Globalization;
using Elysium.Linux.Firewall;
using Elysium.WireGuard;

namespace Elysium.Linux.Tests.Firewall;

/// <summary>
/// A machine that relays, as permissive as can be: two members of a network on <c>wg0</c> (one link for all members, as WireGuard has it;
/// here a bridge, whose ports reach each other only by this machine because that is where they are told to send), one member of another
/// on <c>wg1</c>, and a neighbour on <c>lan</c>. Everybody has a route to everybody by this machine.
/// </summary>
internal sealed class Crossroads : IDisposable
{
    private readonly Sandbox _sandbox = new();
    private readonly NetworkNamespace _hubNamespace;
    private readonly Nftables _nftables;

    public Crossroads()
    {
        _hubNamespace = _sandbox.Namespace();
        Hub = _sandbox.Host(_hubNamespace);
        Shell(Hub, """
            sysctl -qw net.ipv4.ip_forward=1 net.ipv6.conf.default.accept_dad=0 net.ipv6.conf.all.forwarding=1
            ip link set lo up
            for n in 0 1; do ip link add wg$n type bridge; ip link set wg$n up; done
            ip address add 10.77.0.1/24 dev wg0; ip address add fd00:77::1/64 dev wg0 nodad
            ip address add 10.78.0.1/24 dev wg1; ip address add fd00:78::1/64 dev wg1 nodad
            """);
        First = Attach("wg0", "10.77.0", "fd00:77", 2);
        Second = Attach("wg0", "10.77.0", "fd00:77", 3);
        Other = Attach("wg1", "10.78.0", "fd00:78", 2);
        Neighbour = Attach(null, "192.0.2", "fd00:2", 2);
        foreach (var address in (string[])["10.77.0.2", "10.77.0.3", "10.78.0.2", "192.0.2.2", "fd00:77::2", "fd00:77::3", "fd00:78::2", "fd00:2::2"])
        {
            Wait.Until(() => Answers(Hub, address), $"the hub reaches {address}: the links have carrier");
        }

        _nftables = Hub.Run(Nftables.Open);
    }

    public static FirewallInterface Wg0 { get; } = new("wg0", [IpPrefix.Parse("10.77.0.0/24"), IpPrefix.Parse("fd00:77::/64")]);

    public static FirewallInterface Wg1 { get; } = new("wg1", [IpPrefix.Parse("10.78.0.0/24"), IpPrefix.Parse("fd00:78::/64")]);

    public static FirewallSpec Spec { get; } = new([Wg0, Wg1]);

    public NamespaceThread Hub { get; }

    /// <summary>10.77.0.2 and fd00:77::2.</summary>
    public NamespaceThread First { get; }

    /// <summary>10.77.0.3 and fd00:77::3.</summary>
    public NamespaceThread Second { get; }

    /// <summary>10.78.0.2 and fd00:78::2.</summary>
    public NamespaceThread Other { get; }

    /// <summary>192.0.2.2 and fd00:2::2.</summary>
    public NamespaceThread Neighbour { get; }

    public Nftables Nftables => _nftables;

    /// <summary>A way for who is behind wg0 to the neighbour's network, or to another.</summary>
    public static FirewallSpec WithWayOut(bool masquerade, string to = "192.0.2.0/24", string to6 = "fd00:2::/64") =>
        new([Wg0 with { Forwards = [new FirewallForward(IpPrefix.Parse(to), masquerade), new FirewallForward(IpPrefix.Parse(to6), masquerade)] }, Wg1]);

    public static void Shell(NamespaceThread host, string script) => host.Run(() => Sandbox.Run("sh", "-ec", script));

    public static bool Answers(NamespaceThread from, string address) =>
        from.Run(() => Sandbox.TryRun("ping", "-n", "-c", "1", "-W", "0.4", address).ExitCode == 0);

    /// <summary>What nft lists, without counters.</summary>
    public string List() => Nft("-s list table inet elysium");

    public string Nft(string command) => Hub.Run(() => Sandbox.Run("nft", command.Split(' ')));

    public void Dispose()
    {
        _nftables.Dispose();
        _sandbox.Dispose();
    }

    private NamespaceThread Attach(string? bridge, string net, string net6, int number)
    {
        var made = _sandbox.Namespace();
        var host = _sandbox.Host(made);
        var port = string.Create(CultureInfo.InvariantCulture, $"{bridge ?? "lan"}{(bridge is null ? "" : $".{number}")}");
        Hub.Run(() =>
        {
            using var netlink = RouteNetlink.Open();
            netlink.CreateVeth(port, "away");
            netlink.MoveToNamespace(netlink.FindLink("away")!.Index, made);
        });
        Shell(Hub, bridge is null
            ? $"ip address add {net}.1/24 dev {port}; ip address add {net6}::1/64 dev {port} nodad; ip link set {port} up"
            : $"ip link set {port} master {bridge} up");

        // Its neighbours on the link are behind the hub to it, as they are to a member of a WireGuard network.
        Shell(host, $"""
            sysctl -qw net.ipv6.conf.default.accept_dad=0 net.ipv6.conf.away.accept_dad=0 net.ipv4.conf.all.accept_redirects=0 net.ipv6.conf.away.accept_redirects=0
            ip link set away name eth0; ip link set lo up; ip link set eth0 up
            ip address add {net}.{number}/32 dev eth0; ip address add {net6}::{number}/128 dev eth0 nodad
            ip route add {net}.1 dev eth0; ip route add default via {net}.1
            ip -6 route add {net6}::1 dev eth0; ip -6 route add default via {net6}::1
            """);
        return host;
    }
}

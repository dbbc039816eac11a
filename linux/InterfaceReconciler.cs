using System.Net;
using System.Net.Sockets;
using Elysium.WireGuard;

namespace Elysium.Linux;

/// <summary>
/// Makes interfaces what they should be, whatever happened to them, and touches only what differs. Works in the network namespace
/// of the thread that made it, and must be called from threads of that namespace. Calls go one after the other; each is bounded in
/// time (a few seconds when an engine must start or is stuck, milliseconds otherwise).
/// </summary>
/// <remarks>
/// On the interface itself, addresses that nobody asked for go (link-local ones stay), and of the routes those that carry our
/// protocol number. Other links are never touched. What was asked for last is remembered, so that a peer that roamed is left where it is.
/// </remarks>
/// <param name="engine">What runs the interfaces.</param>
public sealed class InterfaceReconciler(IWireGuardEngine engine) : IDisposable
{
    private const int ApplyAttempts = 3;

    private readonly Lock _lock = new();
    private readonly RouteNetlink _netlink = RouteNetlink.Open();
    private readonly Dictionary<string, DeviceSpec> _lastApplied = [];
    private readonly Dictionary<string, Dictionary<PublicKey, IPEndPoint>> _lastEndpoints = [];

    /// <summary>Compares an interface with what it should be, and changes the difference.</summary>
    /// <exception cref="WireGuardEngineException">The engine cannot run the interface; the reason says why.</exception>
    /// <exception cref="NetlinkException">The kernel refused a change.</exception>
    public ReconcileReport Reconcile(InterfaceSpec spec, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(spec);
        lock (_lock)
        {
            var changes = new List<string>();
            var problems = new List<string>();
            try
            {
                return Pass(spec, changes, problems, cancellationToken);
            }
            catch (Exception exception) when (exception is WireGuardEngineException { Failure: EngineFailure.Ended } or NetlinkException { Errno: Errno.ENODEV })
            {
                // It ended between two of our looks; now it is plainly gone, and is started again.
                problems.Clear();
                return Pass(spec, changes, problems, cancellationToken);
            }
        }
    }

    /// <summary>Removes an interface and ends its engine; false if there was none.</summary>
    /// <exception cref="WireGuardEngineException">A link of that name is not ours, or does not go.</exception>
    public bool Remove(string name, CancellationToken cancellationToken)
    {
        lock (_lock)
        {
            _lastApplied.Remove(name);
            _lastEndpoints.Remove(name);
            return engine.Stop(name, cancellationToken);
        }
    }

    /// <summary>The device as it is now; null if there is none.</summary>
    /// <exception cref="WireGuardEngineException">Its engine does not answer, or not with sense.</exception>
    public Device? Read(string name) => engine.Get(name);

    /// <summary>Closes what it holds; interfaces and engines go on.</summary>
    public void Dispose() => _netlink.Dispose();

    private ReconcileReport Pass(InterfaceSpec spec, List<string> changes, List<string> problems, CancellationToken cancellationToken)
    {
        // 1. The link, with an engine behind it.
        if (engine.Start(spec.Name, cancellationToken))
        {
            changes.Add("engine started");
        }

        var link = _netlink.FindLink(spec.Name) ?? throw new NetlinkException($"looking for the link {spec.Name}", Errno.ENODEV);
        if (link.Mtu != spec.Mtu)
        {
            _netlink.SetMtu(link.Index, spec.Mtu);
            changes.Add($"MTU {link.Mtu} → {spec.Mtu}");
        }

        // 2. Key, port and peers, before the first packet can come in.
        cancellationToken.ThrowIfCancellationRequested();
        var device = ConfigureDevice(spec, changes);

        // 3. Addresses; then up, because a link that is down holds no routes; then routes.
        ConfigureAddresses(spec, link.Index, changes);
        Forwarding(spec, changes, problems);
        if (!link.IsUp)
        {
            _netlink.SetUp(link.Index);
            changes.Add("switched on");
        }

        ConfigureRoutes(spec, link.Index, changes, problems);

        // 4. Sessions that were lost with the device or with a peer of it.
        ReviveSessions(spec.Name, device, changes);
        return new ReconcileReport(changes, problems, device);
    }

    // A set is no transaction: after a refusal, and to be sure after a success, what is there is read and compared again.
    private Device ConfigureDevice(InterfaceSpec spec, List<string> changes)
    {
        var last = _lastApplied.GetValueOrDefault(spec.Name);
        for (var attempt = 1; ; attempt++)
        {
            var device = engine.Get(spec.Name)
                ?? throw new WireGuardEngineException(EngineFailure.Ended, $"The engine of {spec.Name} ended while it was being configured.");
            if (DeviceDiff.Between(spec.Device, device, last) is not { } update)
            {
                _lastApplied[spec.Name] = spec.Device;
                return device;
            }

            if (attempt > ApplyAttempts)
            {
                throw new WireGuardEngineException(
                    EngineFailure.Refused,
                    $"The device {spec.Name} is still not what it should be after {ApplyAttempts} changes. Does something else configure it?");
            }

            try
            {
                engine.Apply(spec.Name, update);
                changes.AddRange(DeviceChanges.Describe(update));
                last = spec.Device;
            }
            catch (WireGuardEngineException exception) when (exception.Failure == EngineFailure.Refused && attempt < ApplyAttempts)
            {
                changes.Add($"a change was refused ({exception.Message})");
            }
        }
    }

    // Who was connected before still believes in a session that this end has lost, and would notice only 15 s later (WireGuard's own limit).
    // So this end calls: a keepalive that is switched on starts a handshake at once. The next pass switches it back to what is wanted.
    private void ReviveSessions(string name, Device device, List<string> changes)
    {
        var last = _lastEndpoints.GetValueOrDefault(name);
        var present = new Dictionary<PublicKey, IPEndPoint>();
        var lost = new List<PeerUpdate>();
        foreach (var peer in device.Peers)
        {
            if (peer.Endpoint is { } endpoint)
            {
                present[peer.PublicKey] = endpoint;
            }
            else if (last is not null && last.TryGetValue(peer.PublicKey, out var before))
            {
                lost.Add(new PeerUpdate(peer.PublicKey, UpdateOnly: true, Endpoint: before, PersistentKeepalive: 1));
            }
        }

        _lastEndpoints[name] = present;
        if (lost.Count > 0)
        {
            engine.Apply(name, new DeviceUpdate(null, null, null, lost));
            changes.Add($"{lost.Count} peers called where they last were");
        }
    }

    private void ConfigureAddresses(InterfaceSpec spec, int link, List<string> changes)
    {
        var wanted = spec.Addresses.ToHashSet();
        var unwanted = AddressesOf(link).Where(address => !wanted.Contains(address)).ToList();
        foreach (var address in unwanted)
        {
            Unless(Errno.EADDRNOTAVAIL, () => _netlink.DeleteAddress(link, address.Address, address.PrefixLength));
            changes.Add($"address {address} removed");
        }

        // With an address the kernel removes others of its network: so only now it is known what is missing.
        foreach (var address in spec.Addresses.Except(AddressesOf(link)))
        {
            Unless(Errno.EEXIST, () => _netlink.AddAddress(link, address.Address, address.PrefixLength));
            changes.Add($"address {address} added");
        }
    }

    private List<InterfaceAddress> AddressesOf(int link) =>
        [.. _netlink.GetAddresses()
            .Where(address => address.LinkIndex == link && !address.Address.IsIPv6LinkLocal)
            .Select(address => new InterfaceAddress(address.Address, address.PrefixLength))];

    private void ConfigureRoutes(InterfaceSpec spec, int link, List<string> changes, List<string> problems)
    {
        var actual = _netlink.GetRoutes(AddressFamily.InterNetwork, link).Concat(_netlink.GetRoutes(AddressFamily.InterNetworkV6, link)).ToList();
        var present = actual.Select(route => route.Destination).ToHashSet();
        foreach (var destination in spec.Routes.Where(destination => !present.Contains(destination)))
        {
            if (Unless(Errno.EEXIST, () => _netlink.AddRoute(new Route(destination, link))))
            {
                changes.Add($"route {destination} added");
            }
            else
            {
                problems.Add($"The route to {destination} belongs to {HolderOf(destination)}: remove it there, or give this network another prefix.");
            }
        }

        var wanted = spec.Routes.ToHashSet();
        foreach (var route in actual.Where(route => route.Protocol == RouteNetlink.OwnProtocol && !wanted.Contains(route.Destination)))
        {
            Unless(Errno.ESRCH, () => _netlink.DeleteRoute(route));
            changes.Add($"route {route.Destination} removed");
        }
    }

    private string HolderOf(IpPrefix destination) =>
        _netlink.GetRoutes(destination.Family).FirstOrDefault(route => route.Destination == destination)?.LinkIndex is { } holder
            && _netlink.GetLinks().FirstOrDefault(link => link.Index == holder) is { } link
                ? $"the link {link.Name}"
                : "another link";

    private static void Forwarding(InterfaceSpec spec, List<string> changes, List<string> problems)
    {
        if (!spec.Forwarding)
        {
            return;
        }

        // Forwarding is judged by the link that a packet comes in on (fib_validate/ip_route_input: IN_DEV_FORWARD), so this relays what
        // peers send and makes no router of the machine. Redirects are sent if either of the two parameters says so (IN_DEV_ORCONF);
        // to a peer they would be nonsense, as no peer reaches another but through us.
        Set($"net/ipv4/conf/{spec.Name}/forwarding", "1", $"{spec.Name} does not relay between peers");
        Set("net/ipv4/conf/all/send_redirects", "0", "peers may get ICMP redirects");
        Set($"net/ipv4/conf/{spec.Name}/send_redirects", "0", "peers may get ICMP redirects");

        void Set(string name, string value, string otherwise)
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

    // False: refused with this error, which means that somebody was faster.
    private static bool Unless(int errno, Action change)
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

using System.Collections.Concurrent;
using System.Net;
using Elysium.WireGuard;

namespace Elysium.Linux;

/// <summary>
/// Makes interfaces what they should be, whatever happened to them, and touches only what differs. Works in the network namespace
/// of the thread that made it, and must be called from threads of that namespace. Different interfaces can be looked after at the same
/// time; calls for one go one after the other. Each is bounded in time (a few seconds when an engine must start or is stuck,
/// milliseconds otherwise).
/// </summary>
/// <remarks>
/// On the interface itself, addresses that nobody asked for go (link-local ones stay), and of the routes those that carry our
/// protocol number. Other links are never touched, nor is a device of the same name that somebody else made. What was asked for last is
/// remembered, so that a peer that roamed is left where it is.
/// </remarks>
public sealed class InterfaceReconciler : IDisposable
{
    private const int ApplyAttempts = 3;

    private static readonly TimeSpan GoneLimit = TimeSpan.FromSeconds(5);

    private readonly IWireGuardEngine _engine;
    private readonly InterfaceLedger _ledger;
    private readonly Forwarding _forwarding;
    private readonly InterfaceAddressing _addressing;
    private readonly TimeProvider _time;
    private readonly RouteNetlink _netlink = RouteNetlink.Open();
    private readonly ConcurrentDictionary<string, Memory> _memories = new(StringComparer.Ordinal);

    /// <summary>Looks after interfaces in the calling thread's network namespace.</summary>
    /// <param name="engine">What runs the devices.</param>
    /// <param name="directory">Where it is written down which interfaces are ours, so that the next start knows them; made when it is needed.</param>
    /// <param name="time">The clock that limits are measured by.</param>
    public InterfaceReconciler(IWireGuardEngine engine, string directory, TimeProvider time)
    {
        _engine = engine;
        _ledger = new InterfaceLedger(directory);
        _forwarding = new Forwarding(directory);
        _addressing = new InterfaceAddressing(_netlink);
        _time = time;
    }

    /// <summary>What runs the devices.</summary>
    public IWireGuardEngine Engine => _engine;

    /// <summary>The interfaces that we made and did not remove, also in an earlier life; sorted. Somebody else may have removed their links.</summary>
    public IReadOnlyList<string> Owned =>
        [.. _ledger.Names.Union(_memories.Where(memory => memory.Value.Index is not null).Select(memory => memory.Key)).Order(StringComparer.Ordinal)];

    /// <summary>Whether there is a link of that name that we did not make, so far as we know.</summary>
    /// <exception cref="NetlinkException">The kernel does not tell.</exception>
    public bool IsForeign(string name) =>
        _netlink.FindLink(name) is { } link && !_ledger.Owns(name, link.Index) && !(_memories.TryGetValue(name, out var memory) && memory.Index == link.Index);

    /// <summary>Compares an interface with what it should be, and changes the difference.</summary>
    /// <exception cref="WireGuardEngineException">The device cannot be; the reason says why.</exception>
    /// <exception cref="NetlinkException">The kernel refused a change.</exception>
    public ReconcileReport Reconcile(InterfaceSpec spec, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(spec);
        var memory = _memories.GetOrAdd(spec.Name, static _ => new Memory());
        lock (memory.Lock)
        {
            var changes = new List<string>();
            var problems = new List<string>();
            try
            {
                return Pass(spec, memory, changes, problems, cancellationToken);
            }
            catch (Exception exception) when (exception is WireGuardEngineException { Failure: EngineFailure.Ended } or NetlinkException { Errno: Errno.ENODEV })
            {
                // It ended between two of our looks; now it is plainly gone, and is made again.
                problems.Clear();
                return Pass(spec, memory, changes, problems, cancellationToken);
            }
        }
    }

    /// <summary>
    /// Adds and removes peers of an interface that is otherwise as it was asked for last, and looks at nothing else: what it costs depends on
    /// these peers alone, where <see cref="Reconcile"/> reads all of them. It replaces no look: what somebody changed by hand stays until the next.
    /// </summary>
    /// <param name="before">What was asked for last, the very same object.</param>
    /// <param name="spec">What it should be now: <paramref name="before"/> but for these peers. It is what was asked for last then.</param>
    /// <param name="added">Peers that are new, or that a peer of the same key is to become; without endpoints.</param>
    /// <param name="removed">Keys of peers that should not be there; one that was also added stays.</param>
    /// <returns>Every change, a short sentence each; null when something else was asked for last, or the link or one of the peers is not what this
    /// can do: nothing was changed, and it is <see cref="Reconcile"/>'s.</returns>
    /// <exception cref="WireGuardEngineException">The engine does not do it, or not all of it: only <see cref="Reconcile"/> can tell.</exception>
    public IReadOnlyList<string>? ChangePeers(InterfaceSpec before, InterfaceSpec spec, IReadOnlyCollection<PeerSpec> added, IReadOnlyCollection<PublicKey> removed)
    {
        ArgumentNullException.ThrowIfNull(before);
        ArgumentNullException.ThrowIfNull(spec);
        ArgumentNullException.ThrowIfNull(added);
        ArgumentNullException.ThrowIfNull(removed);
        var ownKey = spec.Device.PrivateKey.PublicKey;
        if (added.Any(peer => peer.Endpoint is not null || peer.PublicKey == ownKey || peer.PublicKey == DeviceUpdate.ScratchPeer))
        {
            return null;
        }

        var memory = _memories.GetOrAdd(spec.Name, static _ => new Memory());
        lock (memory.Lock)
        {
            if (!ReferenceEquals(memory.Applied, before.Device) || memory.Index is not { } index || _netlink.FindLink(spec.Name)?.Index != index)
            {
                return null;
            }

            var staying = added.Select(peer => peer.PublicKey).ToHashSet();
            PeerUpdate[] peers =
            [
                // Inserted first: a prefix that one of them takes over from one that goes has a peer at every step.
                .. added.Select(static peer => new PeerUpdate(
                    peer.PublicKey,
                    PresharedKey: peer.PresharedKey ?? PresharedKey.None,
                    PersistentKeepalive: peer.PersistentKeepalive,
                    ReplaceAllowedIps: true,
                    AllowedIps: peer.AllowedIps)),
                .. removed.Where(key => !staying.Contains(key)).Select(static key => new PeerUpdate(key, Remove: true)),
            ];
            var update = new DeviceUpdate(null, null, null, peers);
            try
            {
                if (peers.Length > 0)
                {
                    _engine.Apply(spec.Name, update);
                }
            }
            catch
            {
                // Nobody knows how far it came.
                memory.Applied = null;
                throw;
            }

            memory.Applied = spec.Device;
            return [.. DeviceChanges.Describe(update)];
        }
    }

    /// <summary>Removes an interface of ours with its device and engine; false if there was none, or only one that somebody else made.</summary>
    /// <exception cref="WireGuardEngineException">It does not go.</exception>
    /// <exception cref="IOException">It is gone, and a kernel parameter that was changed for it cannot be given back what it had.</exception>
    public bool Remove(string name, CancellationToken cancellationToken)
    {
        var memory = _memories.GetOrAdd(name, static _ => new Memory());
        lock (memory.Lock)
        {
            var link = _netlink.FindLink(name);
            var isOurs = link is not null && IsOurs(link, memory);
            var strayed = !isOurs && RemoveRenamed(name, memory, cancellationToken) is not null;
            var removed = isOurs && Removed(link!, cancellationToken);
            if (link is null)
            {
                // What a killed engine left behind: its socket, or itself on its way out.
                _engine.Stop(name, cancellationToken);
            }

            // Before the name is forgotten, so that an end that fails here can be tried again.
            if (Owned.All(owned => owned == name))
            {
                _forwarding.Restore();
            }

            memory.Forget();
            _ledger.Release(name);
            return removed || strayed;
        }
    }

    /// <summary>Whether a change of the network, as <see cref="NetlinkMonitor"/> tells it, may concern this interface, so that it is worth a look.</summary>
    public bool IsConcerned(string name, NetworkChange change)
    {
        int? index = _memories.TryGetValue(name, out var memory) ? memory.Index : null;
        return change switch
        {
            NetworkChange.Lost => true,
            NetworkChange.LinkChanged { Link: var link } => link.Index == index || link.Name == name,
            NetworkChange.LinkDeleted { Link: var link } => link.Index == index || link.Name == name,
            NetworkChange.AddressAdded { Address: var address } => address.LinkIndex == index,
            NetworkChange.AddressRemoved { Address: var address } => address.LinkIndex == index,
            NetworkChange.RouteAdded { Route: var route } => route.LinkIndex == index,
            NetworkChange.RouteRemoved { Route: var route } => route.LinkIndex == index,
            _ => false,
        };
    }

    /// <summary>The device as it is now; null if there is none.</summary>
    /// <exception cref="WireGuardEngineException">Its engine does not answer, or not with sense.</exception>
    public Device? Read(string name) => _engine.Get(name);

    /// <summary>Closes what it holds; interfaces and engines go on.</summary>
    public void Dispose() => _netlink.Dispose();

    private ReconcileReport Pass(InterfaceSpec spec, Memory memory, List<string> changes, List<string> problems, CancellationToken cancellationToken)
    {
        // 1. The link, with a device behind it, and ours.
        var link = Made(spec, memory, changes, problems, cancellationToken);
        if (link.Mtu != spec.Mtu)
        {
            _netlink.SetMtu(link.Index, spec.Mtu);
            changes.Add($"MTU {link.Mtu} → {spec.Mtu}");
        }

        // 2. Key, port and peers, before the first packet can come in.
        cancellationToken.ThrowIfCancellationRequested();
        var device = ConfigureDevice(spec, memory, changes, problems);

        // 3. Addresses; then up, because a link that is down holds no routes; then routes.
        _addressing.SetAddresses(spec, link.Index, changes, problems);
        if (spec.Forwarding)
        {
            _forwarding.Allow(spec, changes, problems);
        }

        if (!link.IsUp)
        {
            _netlink.SetUp(link.Index);
            changes.Add("switched on");
        }

        _addressing.SetRoutes(spec, link.Index, changes, problems);

        // 4. Sessions that were lost with the device or with a peer of it.
        ReviveSessions(spec.Name, memory, device, changes);
        return new ReconcileReport(changes, problems, device);
    }

    private Link Made(InterfaceSpec spec, Memory memory, List<string> changes, List<string> problems, CancellationToken cancellationToken)
    {
        var before = _netlink.FindLink(spec.Name);
        if ((before is null || before.Index != memory.Index) && RemoveRenamed(spec.Name, memory, cancellationToken) is { } renamed)
        {
            changes.Add($"our link, renamed to {renamed}, removed");
        }

        var made = Start(spec.Name, memory, changes, cancellationToken);
        var link = Find(spec.Name);
        if (made)
        {
            changes.Add("device made");
        }
        else if (!IsOurs(link, memory))
        {
            // Ours too: one that was made the moment before we died, and one that carries our key though the note about it was lost.
            var key = _engine.Get(spec.Name)?.PrivateKey;
            if (key is not null && !key.Equals(spec.Device.PrivateKey))
            {
                throw new WireGuardEngineException(
                    EngineFailure.ForeignDevice,
                    $"There is a WireGuard device {spec.Name} already, with the public key {key.PublicKey}, and it is not ours. Remove it, or choose another name.");
            }
        }

        memory.Index = link.Index;
        try
        {
            _ledger.Claim(spec.Name, link.Index);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            // A full disk is no reason to be without a network.
            problems.Add($"It cannot be written down that {spec.Name} is ours, so that a restart may take it for a stranger's: {exception.Message}");
        }

        return link;
    }

    private bool IsOurs(Link link, Memory memory) => memory.Index == link.Index || _ledger.Owns(link.Name, link.Index);

    // A device of ours that another engine runs (the machine's kernel has WireGuard by now, or the setting was changed) is made anew.
    private bool Start(string name, Memory memory, List<string> changes, CancellationToken cancellationToken)
    {
        try
        {
            return _engine.Start(name, cancellationToken);
        }
        catch (WireGuardEngineException exception) when (
            exception.Failure == EngineFailure.ForeignLink && _netlink.FindLink(name) is { } link && IsOurs(link, memory))
        {
            DeleteLink(link, cancellationToken);
            changes.Add($"the device of another engine ({link.Kind ?? "unknown"}) removed");
            return _engine.Start(name, cancellationToken);
        }
    }

    private bool Removed(Link link, CancellationToken cancellationToken)
    {
        try
        {
            return _engine.Stop(link.Name, cancellationToken);
        }
        catch (WireGuardEngineException exception) when (exception.Failure == EngineFailure.ForeignLink)
        {
            DeleteLink(link, cancellationToken);
            return true;
        }
    }

    // Our link under another name would go on as it last was: with every peer that was revoked since, and beyond the firewall's rules.
    private string? RemoveRenamed(string name, Memory memory, CancellationToken cancellationToken)
    {
        if ((memory.Index ?? _ledger.IndexOf(name)) is not { } index || _netlink.GetLinks().FirstOrDefault(link => link.Index == index && link.Name != name) is not { } renamed)
        {
            return null;
        }

        DeleteLink(renamed, cancellationToken);
        return renamed.Name;
    }

    // A userspace engine ends when its link vanishes.
    private void DeleteLink(Link link, CancellationToken cancellationToken)
    {
        NetlinkException.Unless(Errno.ENODEV, () => _netlink.DeleteLink(link.Index));
        if (!Poll.Until(() => _netlink.FindLink(link.Name)?.Index != link.Index, GoneLimit, _time, cancellationToken))
        {
            throw new WireGuardEngineException(EngineFailure.NotAnswering, $"The link {link.Name} did not go within {GoneLimit.TotalSeconds} s.");
        }
    }

    private Link Find(string name) => _netlink.FindLink(name) ?? throw new NetlinkException($"looking for the link {name}", Errno.ENODEV);

    // A set is no transaction: after a refusal, and to be sure after a success, what is there is read and compared again.
    private Device ConfigureDevice(InterfaceSpec spec, Memory memory, List<string> changes, List<string> problems)
    {
        var last = memory.Applied ?? AppliedBefore(spec);
        for (var attempt = 1; ; attempt++)
        {
            var device = _engine.Get(spec.Name)
                ?? throw new WireGuardEngineException(EngineFailure.Ended, $"The device {spec.Name} went while it was being configured.");
            if (DeviceDiff.Between(spec.Device, device, last) is not { } update)
            {
                Remember(spec, memory, problems);
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
                _engine.Apply(spec.Name, update);
                changes.AddRange(DeviceChanges.Describe(update));
                last = spec.Device;
            }
            catch (WireGuardEngineException exception) when (exception.Failure == EngineFailure.Refused && attempt < ApplyAttempts)
            {
                changes.Add($"a change was refused ({exception.Message})");
            }
        }
    }

    // What an earlier life of ours asked for, so far as endpoints go.
    private DeviceSpec AppliedBefore(InterfaceSpec spec)
    {
        var peers = new List<PeerSpec>();
        foreach (var (key, endpoint) in _ledger.EndpointsOf(spec.Name))
        {
            if (PublicKey.TryParse(key, out var peer) && IPEndPoint.TryParse(endpoint, out var last))
            {
                peers.Add(new PeerSpec(peer, [], last));
            }
        }

        return spec.Device with { Peers = peers };
    }

    private void Remember(InterfaceSpec spec, Memory memory, List<string> problems)
    {
        memory.Applied = spec.Device;
        var endpoints = spec.Device.Peers.Where(peer => peer.Endpoint is not null).ToDictionary(peer => peer.PublicKey.ToString(), peer => peer.Endpoint!.ToString());
        if (memory.Remembered is { } known && known.Count == endpoints.Count && !known.Except(endpoints).Any())
        {
            return;
        }

        try
        {
            if (endpoints.Count > 0 || _ledger.EndpointsOf(spec.Name).Count > 0)
            {
                _ledger.Remember(spec.Name, endpoints);
            }

            memory.Remembered = endpoints;
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            problems.Add($"It cannot be written down where the peers of {spec.Name} should be, so that a restart may send those that roamed back: {exception.Message}");
        }
    }

    // Who was connected before still believes in a session that this end has lost, and would notice only 15 s later (WireGuard's own limit).
    // So this end calls: a keepalive that is switched on starts a handshake at once. The next pass switches it back to what is wanted.
    private void ReviveSessions(string name, Memory memory, Device device, List<string> changes)
    {
        var last = memory.Endpoints;
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

        if (lost.Count > 0)
        {
            _engine.Apply(name, new DeviceUpdate(null, null, null, lost));
            changes.Add($"{lost.Count} peers called where they last were");
        }

        memory.Endpoints = present;
    }

    /// <summary>What is remembered of an interface from one pass to the next.</summary>
    private sealed class Memory
    {
        private int _index;

        public Lock Lock { get; } = new();

        /// <summary>Of the link that is ours; asked by others than who looks after it. The kernel counts from 1.</summary>
        public int? Index
        {
            get => Volatile.Read(ref _index) is var index and not 0 ? index : null;
            set => Volatile.Write(ref _index, value ?? 0);
        }

        public DeviceSpec? Applied { get; set; }

        /// <summary>The endpoints that were written down.</summary>
        public Dictionary<string, string>? Remembered { get; set; }

        public Dictionary<PublicKey, IPEndPoint>? Endpoints { get; set; }

        public void Forget() => (Index, Applied, Remembered, Endpoints) = (null, null, null, null);
    }
}

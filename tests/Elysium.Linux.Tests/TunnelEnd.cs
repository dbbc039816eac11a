using System.Net;
using Elysium.WireGuard;

namespace Elysium.Linux.Tests;

/// <summary>One end of a WireGuard network of a test: a host with a key, an engine and a reconciler.</summary>
internal sealed class TunnelEnd(Sandbox sandbox, NamespaceThread host, string address) : IDisposable
{
    private readonly InterfaceReconciler _reconciler = host.Run(() => Reconciler(Path.Join(sandbox.Folder, $"run-{address}")));

    public static IpPrefix Network { get; } = IpPrefix.Parse("10.77.0.0/24");

    public PrivateKey Key { get; } = PrivateKey.Generate();

    public IPAddress Address { get; } = IPAddress.Parse(address);

    public NamespaceThread Host => host;

    public string Folder => Path.Join(sandbox.Folder, $"run-{address}");

    public string Log => Path.Join(Folder, "wg0.log");

    /// <summary>A reconciler that keeps its notes in a folder: two of one folder are one installation, before and after a restart.</summary>
    public static InterfaceReconciler Reconciler(string folder) => new(new WireGuardGo(folder, TimeProvider.System), folder, TimeProvider.System);

    public InterfaceSpec Spec(params PeerSpec[] peers) =>
        new("wg0", 1420, [new InterfaceAddress(Address, 32)], [Network], new DeviceSpec(Key, 51820, peers));

    /// <summary>The other end as a peer of this kind of network: reached at its outer address.</summary>
    public PeerSpec AsPeer(string endpoint, params IpPrefix[] allowedIps) =>
        new(Key.PublicKey, allowedIps.Length == 0 ? [IpPrefix.Of(Address)] : allowedIps, IPEndPoint.Parse(endpoint));

    public ReconcileReport Reconcile(InterfaceSpec spec) => host.Run(() => _reconciler.Reconcile(spec, CancellationToken.None));

    public IReadOnlyList<string>? ChangePeers(InterfaceSpec before, InterfaceSpec spec, IReadOnlyCollection<PeerSpec> added, IReadOnlyCollection<PublicKey> removed) =>
        host.Run(() => _reconciler.ChangePeers(before, spec, added, removed));

    public bool Remove() => host.Run(() => _reconciler.Remove("wg0", CancellationToken.None));

    public Device? Read() => host.Run(() => _reconciler.Read("wg0"));

    /// <summary>Until the first answer: a device starts no second handshake within 5 s.</summary>
    public void Ping(TunnelEnd other) => host.Run(() => Sandbox.Run("ping", "-c", "1", "-w", "10", "-i", "0.2", other.Address.ToString()));

    public string Run(string program, params string[] arguments) => host.Run(() => Sandbox.Run(program, arguments));

    public T With<T>(Func<RouteNetlink, T> work) => host.Run(() =>
    {
        using var netlink = RouteNetlink.Open();
        return work(netlink);
    });

    public void Dispose() => _reconciler.Dispose();
}

using System.Net;
using Elysium.Linux;
using Elysium.WireGuard;

namespace Elysium.Kernel.Tests;

/// <summary>One end of a tunnel: a host with a key, an engine and a reconciler, whose last number all of its addresses end with.</summary>
internal sealed class Node : IDisposable
{
    private readonly InterfaceReconciler _reconciler;
    private readonly int _number;

    public Node(Host host, int number, IWireGuardEngine engine)
    {
        (Host, Engine, _number) = (host, engine, number);
        Folder = Directory.CreateTempSubdirectory().FullName;
        _reconciler = host.Do(() => new InterfaceReconciler(engine, Folder, TimeProvider.System));
    }

    public Host Host { get; }

    public IWireGuardEngine Engine { get; }

    public string Folder { get; }

    public PrivateKey Key { get; set; } = PrivateKey.Generate();

    public string Inner4 => $"10.77.0.{_number}";

    public string Inner6 => $"fd77::{_number}";

    public string Outer4 => $"192.0.2.{_number}:51820";

    public string Outer6 => $"[2001:db8::{_number}]:51820";

    /// <summary>What the other end has of this one.</summary>
    public PeerSpec AsPeer(string? endpoint = null) => new(
        Key.PublicKey,
        [IpPrefix.Of(IPAddress.Parse(Inner4)), IpPrefix.Of(IPAddress.Parse(Inner6))],
        IPEndPoint.Parse(endpoint ?? Outer4));

    public ReconcileReport Reconcile(params PeerSpec[] peers) => Host.Do(() => _reconciler.Reconcile(
        new InterfaceSpec(
            "wg0",
            1420,
            [new InterfaceAddress(IPAddress.Parse(Inner4), 24), new InterfaceAddress(IPAddress.Parse(Inner6), 64)],
            [],
            new DeviceSpec(Key, 51820, peers)),
        CancellationToken.None));

    public Device Read() => Host.Do(() => Engine.Get("wg0")).ShouldNotBeNull();

    public void Ping(Node other)
    {
        Host.Ping(other.Inner4);
        Host.Ping(other.Inner6);
    }

    public void Dispose()
    {
        Host.Do(() => _reconciler.Remove("wg0", CancellationToken.None));
        _reconciler.Dispose();
        Directory.Delete(Folder, recursive: true);
    }
}

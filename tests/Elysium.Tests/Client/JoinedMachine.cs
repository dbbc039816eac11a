using System.Security.Cryptography;
using Elysium.Client.State;
using Elysium.Contracts;
using Elysium.Tests.Client.Backend;

namespace Elysium.Tests.Client;

/// <summary>A machine's state directory, real files and all, gone with the test.</summary>
internal sealed class JoinedMachine : IDisposable
{
    public const string Token = "0badcafe";

    private readonly Installation _installation = new();

    public string Folder { get; } = Directory.CreateTempSubdirectory("elysium-tests-").FullName;

    public StateDirectory State => new(Path.Combine(Folder, "state"));

    /// <summary>Joins as <c>join</c> does once the backend has answered.</summary>
    public NetworkState Join(string name = "office", int peers = 2, string token = Token)
    {
        var pending = State.OpenPending(token);
        var map = NetworkHistory.MapOf(7, peers);
        map = map with { Network = map.Network with { Name = name } };
        var record = Record(map.Network, token);
        Complete(pending, record, map);
        return State.Adopt(pending, record);
    }

    public NetworkRecord Record(MapNetwork network, string token) =>
        new(network.Id, network.Name, "elytest0", new Uri("https://127.0.0.1:1"), token, Installation.Start);

    public void Complete(PendingIdentity pending, NetworkRecord record, NetworkMap map)
    {
        using var key = ECDsa.Create();
        key.ImportFromPem(pending.IdentityKey);
        using var certificate = _installation.Server(usage: Installation.ClientAuthentication, key: key);
        pending.Complete(record, new EnrollResponse(certificate.ExportCertificatePem(), _installation.Bundle, map), Installation.Start);
    }

    public void Dispose()
    {
        _installation.Dispose();
        Directory.Delete(Folder, recursive: true);
    }
}

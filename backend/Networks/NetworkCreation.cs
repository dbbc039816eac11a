using System.Security.Cryptography;
using Elysium.Backend.Audit;
using Elysium.Backend.Database;
using Elysium.Backend.Hosting;
using Elysium.Backend.Hub;
using Elysium.Backend.Maps;
using Elysium.Contracts;
using Elysium.Linux;
using Elysium.WireGuard;
using Microsoft.EntityFrameworkCore;

namespace Elysium.Backend.Networks;

/// <summary>Makes a network: checks what was asked, chooses what was not, and gives it the next free interface and port.</summary>
internal sealed class NetworkCreation(DatabaseWriter writer, KeySealer sealer, ChangePublisher changes, HubStatus hub, TimeProvider time)
{
    private const int FirstListenPort = 51820;
    private const int DefaultMtu = 1420;

    public async Task<Outcome<Network>> RunAsync(CreateNetworkRequest request, string actor, CancellationToken cancellationToken)
    {
        if (!DnsLabel.IsValid(request.Name))
        {
            return new Refusal(ProblemCodes.InvalidName, $"'{Shown(request.Name)}' cannot be a network's name: {DnsLabel.Rule}.");
        }

        if (request.ListenPort is < 1 or > 65_535)
        {
            return new Refusal(ProblemCodes.InvalidRequest, $"listenPort {request.ListenPort} is no UDP port (1 to 65535).");
        }

        if (request.Mtu is < 1280 or > 9000)
        {
            return new Refusal(ProblemCodes.InvalidRequest, $"mtu {request.Mtu} is not between 1280 and 9000.");
        }

        var asked = PrefixChoice.Read(request);
        if (asked.Refusal is { } bad)
        {
            return bad;
        }

        // A key is made before the transaction, which holds up every other writer.
        var key = PrivateKey.Generate();
        var view = HubMachine.Look(hub.Interfaces);
        var outcome = await writer.WriteAsync<Network>(
            async (database, token) =>
            {
                await database.LockNetworkCreationAsync(token);
                var others = await database.Networks.AsNoTracking().ToListAsync(token);
                var made = asked.Value.Make(others, view);
                return made.Refusal is { } refusal ? refusal : Add(database, request, made.Value.Prefix, made.Value.Prefix6, key, others, view, actor);
            },
            cancellationToken);
        if (outcome.Refusal is { } no)
        {
            return no.Code == ProblemCodes.NetworkNameTaken ? no with { Detail = $"Another network has the name '{request.Name}'." } : no;
        }

        changes.Publish(new Change(outcome.Value.Id, outcome.Value.Version));
        return outcome;
    }

    private Outcome<Network> Add(
        ElysiumDatabase database,
        CreateNetworkRequest request,
        IpPrefix prefix,
        IpPrefix? prefix6,
        PrivateKey key,
        List<Network> others,
        HubView view,
        string actor)
    {
        var now = time.GetUtcNow();
        var id = Guid.CreateVersion7(now);
        var network = new Network
        {
            Id = id,
            Name = request.Name,
            PrefixAddress = prefix.Address.GetAddressBytes(),
            PrefixLength = prefix.Length,
            Prefix6Address = prefix6?.Address.GetAddressBytes(),
            Prefix6Length = prefix6?.Length,
            InterfaceIndex = Enumerable.Range(0, int.MaxValue).First(n => others.All(o => o.InterfaceIndex != n) && !view.Links.Contains($"wg{n}")),
            ListenPort = request.ListenPort ?? Enumerable.Range(FirstListenPort, 65_536 - FirstListenPort).First(p => others.All(o => o.ListenPort != p) && PortProbe.IsFree(p)),
            Mtu = request.Mtu ?? DefaultMtu,
            HubPrivateKeySealed = Seal(key, id),
            HubPublicKey = key.PublicKey.ToArray(),
            Version = 1,
            Cursor = AddressPlan.FirstPeerOffset,
            CreatedAt = now,
        };
        database.Networks.Add(network);
        database.AuditEvents.Add(AuditEvent.Of(now, actor, "network.created", $"{network.Name} {string.Join(' ', network.Prefixes)} on {network.Interface}", id));
        return network;
    }

    private byte[] Seal(PrivateKey key, Guid owner)
    {
        Span<byte> bytes = stackalloc byte[PrivateKey.Length];
        key.CopyTo(bytes);
        var blob = sealer.Seal(bytes, owner);
        CryptographicOperations.ZeroMemory(bytes);
        return blob;
    }

    private static string Shown(string text) => text.Length <= 80 ? text : text[..80] + "…";
}

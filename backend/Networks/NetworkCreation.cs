using System.Net;
using System.Security.Cryptography;
using Elysium.Backend.Audit;
using Elysium.Backend.Database;
using Elysium.Backend.Hosting;
using Elysium.Backend.Hub;
using Elysium.Backend.Maps;
using Elysium.Contracts;
using Elysium.WireGuard;
using Microsoft.EntityFrameworkCore;

namespace Elysium.Backend.Networks;

/// <summary>Makes a network: checks what was asked, chooses what was not, and gives it the next free interface and port.</summary>
internal sealed class NetworkCreation(DatabaseWriter writer, KeySealer sealer, ChangePublisher changes, TimeProvider time)
{
    private const int FirstListenPort = 51820;
    private const int DefaultMtu = 1420;
    private const int ShortestPrefix = 8;
    private const int LongestPrefix = 30;

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

        var asked = ParsePrefix(request.Prefix);
        if (asked.Refusal is { } bad)
        {
            return bad;
        }

        // A key is made before the transaction, which holds up every other writer.
        var key = PrivateKey.Generate();
        var view = HubMachine.Look();
        var outcome = await writer.WriteAsync<Network>(
            async (database, token) =>
            {
                var others = await database.Networks.AsNoTracking().ToListAsync(token);
                var prefix = Choose(asked.Value, others, view);
                return prefix.Refusal is { } refusal ? refusal : Add(database, request, prefix.Value, key, others, view, actor);
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
            InterfaceIndex = Enumerable.Range(0, int.MaxValue).First(n => others.All(o => o.InterfaceIndex != n) && !view.Links.Contains($"wg{n}")),
            ListenPort = request.ListenPort ?? Enumerable.Range(FirstListenPort, 65_536 - FirstListenPort).First(p => others.All(o => o.ListenPort != p)),
            Mtu = request.Mtu ?? DefaultMtu,
            HubPrivateKeySealed = Seal(key, id),
            HubPublicKey = key.PublicKey.ToArray(),
            Version = 1,
            Cursor = AddressPlan.FirstPeerOffset,
            CreatedAt = now,
        };
        database.Networks.Add(network);
        database.AuditEvents.Add(AuditEvent.Of(now, actor, "network.created", $"{network.Name} {prefix} on {network.Interface}", id));
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

    private static Outcome<IpPrefix?> ParsePrefix(string? text)
    {
        if (text is null)
        {
            return (IpPrefix?)null;
        }

        if (!IpPrefix.TryParse(text, out var prefix) || prefix.Address.AddressFamily != System.Net.Sockets.AddressFamily.InterNetwork)
        {
            return Bad($"'{Shown(text)}' is no IPv4 prefix without host bits, such as 10.77.0.0/16.");
        }

        if (prefix.Length is < ShortestPrefix or > LongestPrefix)
        {
            return Bad($"{prefix} is too {(prefix.Length > LongestPrefix ? "small" : "large")}: a network has /{ShortestPrefix} to /{LongestPrefix}.");
        }

        return prefix.IsPrivate
            ? (IpPrefix?)prefix
            : Bad($"{prefix} is not private: take one from 10.0.0.0/8, 172.16.0.0/12, 192.168.0.0/16 or 100.64.0.0/10.");
    }

    /// <summary>The prefix asked for, if nothing else has it; otherwise the first free 10.x.0.0/16, from a corner that few LANs use.</summary>
    private static Outcome<IpPrefix> Choose(IpPrefix? asked, List<Network> others, HubView view)
    {
        if (asked is { } prefix)
        {
            if (others.Find(o => o.Prefix.Overlaps(prefix)) is { } other)
            {
                return new Refusal(ProblemCodes.PrefixOverlapsNetwork, $"{prefix} overlaps {other.Prefix} of network '{other.Name}'.");
            }

            return Overlapping(prefix, others, view) is { } route
                ? new Refusal(ProblemCodes.PrefixOverlapsRoute, $"{prefix} overlaps the route {route} of this machine: the hub could not tell the two apart.")
                : prefix;
        }

        foreach (var second in Enumerable.Range(64, 192).Concat(Enumerable.Range(0, 64)))
        {
            var candidate = new IpPrefix(new IPAddress([10, (byte)second, 0, 0]), 16);
            if (!others.Exists(o => o.Prefix.Overlaps(candidate)) && Overlapping(candidate, others, view) is null)
            {
                return candidate;
            }
        }

        return new Refusal(ProblemCodes.PrefixOverlapsNetwork, "No 10.x.0.0/16 is free: name a prefix.");
    }

    /// <summary>A route of the machine that is not a network's own and that the prefix overlaps; default routes overlap everything.</summary>
    private static HubRoute? Overlapping(IpPrefix prefix, List<Network> others, HubView view) =>
        view.Routes.FirstOrDefault(r => r.Destination.Length > 0 && r.Destination.Overlaps(prefix) && others.All(o => o.Interface != r.Interface));

    private static Refusal Bad(string detail) => new(ProblemCodes.InvalidPrefix, detail);

    private static string Shown(string text) => text.Length <= 80 ? text : text[..80] + "…";
}

using System.Net;
using System.Security.Cryptography;
using Elysium.Backend.Hosting;
using Elysium.Backend.Hub;
using Elysium.Contracts;
using Elysium.WireGuard;

namespace Elysium.Backend.Networks;

/// <summary>Which prefixes a network gets: what was asked for, checked without looking at anything, then compared with who is there already.</summary>
internal sealed record PrefixChoice(IpPrefix? Prefix, IpPrefix? Prefix6, bool AutomaticPrefix6)
{
    private const int ShortestPrefix = 8;
    private const int LongestPrefix = 30;

    // RFC 4193 §3.1: a /48 is one site's; anything shorter takes what others drew. RFC 4291 §2.5.1: a subnet is a /64. So there are always
    // more host bits than the largest IPv4 prefix has, and every IPv4 address has its IPv6 one.
    private const int ShortestPrefix6 = 48;
    private const int LongestPrefix6 = 64;

    private const int Attempts = 16;

    private static readonly IpPrefix UniqueLocal = new(IPAddress.Parse("fc00::"), 7);

    /// <summary>Reads what was asked for; what is null is left to choose.</summary>
    public static Outcome<PrefixChoice> Read(CreateNetworkRequest request)
    {
        var automatic = request.Prefix6 == CreateNetworkRequest.AutomaticPrefix;
        if ((Check(request.Prefix) ?? (automatic ? null : Check6(request.Prefix6))) is { } problem)
        {
            return new Refusal(ProblemCodes.InvalidPrefix, problem);
        }

        return new PrefixChoice(Parse(request.Prefix), automatic ? null : Parse(request.Prefix6), automatic);
    }

    /// <summary>The prefixes, if no network and no route of the machine has any of them.</summary>
    public Outcome<(IpPrefix Prefix, IpPrefix? Prefix6)> Make(IReadOnlyList<Network> others, HubView view)
    {
        var prefix = Prefix ?? Free(FreePrefixes(), others, view);
        var prefix6 = AutomaticPrefix6 ? Free(Enumerable.Range(0, Attempts).Select(static _ => RandomPrefix6()), others, view) : Prefix6;
        if (prefix is not { } first)
        {
            return new Refusal(ProblemCodes.PrefixOverlapsNetwork, "No 10.x.0.0/16 is free: name a prefix.");
        }

        if (AutomaticPrefix6 && prefix6 is null)
        {
            return new Refusal(ProblemCodes.PrefixOverlapsRoute, $"{Attempts} random prefixes of fd00::/8 overlap routes of this machine: does one cover all of it? Remove it, or name a prefix.");
        }

        var refusal = Refuse(first, others, view) ?? (prefix6 is { } second ? Refuse(second, others, view) : null);
        return refusal is null ? (first, prefix6) : refusal;
    }

    private static string? Check(string? text)
    {
        if (text is null)
        {
            return null;
        }

        if (!IpPrefix.TryParse(text, out var prefix) || prefix.IsIPv6)
        {
            return $"'{Shown(text)}' is no IPv4 prefix without host bits, such as 10.77.0.0/16.";
        }

        if (prefix.Length is < ShortestPrefix or > LongestPrefix)
        {
            return $"{prefix} is too {(prefix.Length > LongestPrefix ? "small" : "large")}: a network has /{ShortestPrefix} to /{LongestPrefix}.";
        }

        return prefix.IsPrivate ? null : $"{prefix} is not private: take one from 10.0.0.0/8, 172.16.0.0/12, 192.168.0.0/16 or 100.64.0.0/10.";
    }

    private static string? Check6(string? text)
    {
        if (text is null)
        {
            return null;
        }

        if (!IpPrefix.TryParse(text, out var prefix) || !prefix.IsIPv6)
        {
            return $"'{Shown(text)}' is no IPv6 prefix without host bits, such as fd12:3456:789a::/64; '{CreateNetworkRequest.AutomaticPrefix}' chooses one.";
        }

        if (!UniqueLocal.Contains(prefix))
        {
            return $"{prefix} is not unique local (RFC 4193): take one from {UniqueLocal}, or '{CreateNetworkRequest.AutomaticPrefix}'.";
        }

        return prefix.Length is < ShortestPrefix6 or > LongestPrefix6
            ? $"{prefix} is too {(prefix.Length > LongestPrefix6 ? "small" : "large")}: a network has /{ShortestPrefix6} to /{LongestPrefix6}."
            : null;
    }

    private static IpPrefix? Parse(string? text) => IpPrefix.TryParse(text, out var prefix) ? prefix : null;

    private static IpPrefix? Free(IEnumerable<IpPrefix> candidates, IReadOnlyList<Network> others, HubView view)
    {
        foreach (var candidate in candidates)
        {
            if (Refuse(candidate, others, view) is null)
            {
                return candidate;
            }
        }

        return null;
    }

    private static Refusal? Refuse(IpPrefix prefix, IReadOnlyList<Network> others, HubView view)
    {
        foreach (var other in others)
        {
            foreach (var its in other.Prefixes)
            {
                if (its.Overlaps(prefix))
                {
                    return new Refusal(ProblemCodes.PrefixOverlapsNetwork, $"{prefix} overlaps {its} of network '{other.Name}'.");
                }
            }
        }

        // Default routes overlap everything; a network's own routes are its prefix, which was just looked at.
        return view.Routes.FirstOrDefault(r => r.Destination.Length > 0 && r.Destination.Overlaps(prefix) && others.All(o => o.Interface != r.Interface)) is { } route
            ? new Refusal(ProblemCodes.PrefixOverlapsRoute, $"{prefix} overlaps the route {route} of this machine: the hub could not tell the two apart.")
            : null;
    }

    /// <summary>10.x.0.0/16, from a corner that few LANs use.</summary>
    private static IEnumerable<IpPrefix> FreePrefixes() =>
        Enumerable.Range(64, 192).Concat(Enumerable.Range(0, 64)).Select(static second => new IpPrefix(new IPAddress([10, (byte)second, 0, 0]), 16));

    /// <summary>RFC 4193 §3.1: fd00::/8, 40 random bits of global id; subnet 0 of it.</summary>
    private static IpPrefix RandomPrefix6()
    {
        Span<byte> bytes = stackalloc byte[16];
        bytes.Clear();
        bytes[0] = 0xFD;
        RandomNumberGenerator.Fill(bytes[1..6]);
        return new IpPrefix(new IPAddress(bytes), LongestPrefix6);
    }

    private static string Shown(string text) => text.Length <= 80 ? text : text[..80] + "…";
}

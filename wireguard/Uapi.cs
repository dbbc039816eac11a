using System.Buffers;
using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using System.Text;

namespace Elysium.WireGuard;

/// <summary>
/// The text that userspace engines speak (wireguard.com/xplatform): lines of <c>key=value</c>, an empty line at the end, keys in
/// lower-case hex. What an engine says is not trusted: an answer that makes no sense is a <see cref="UapiError"/>.
/// </summary>
public static class Uapi
{
    /// <summary>Asks for the device.</summary>
    public static ReadOnlySpan<byte> GetRequest => "get=1\n\n"u8;

    /// <summary>Whether an answer is whole: it ends with an empty line, and there is none before.</summary>
    public static bool IsComplete(ReadOnlySpan<byte> answer) => answer.EndsWith("\n\n"u8);

    /// <summary>
    /// The request that makes a change. It holds secrets. Removed prefixes are written as <c>allowed_ip=-PREFIX</c>, which few engines know
    /// (wireguard-go of 2025): for the others write <see cref="DeviceUpdate.WithoutRemovals"/>.
    /// </summary>
    public static byte[] FormatSet(DeviceUpdate update)
    {
        ArgumentNullException.ThrowIfNull(update);
        var request = new ArrayBufferWriter<byte>(256 + (update.Peers.Count * 160));
        Line(request, "set", "1");
        Line(request, "private_key", update.PrivateKey?.ToHex());
        Line(request, "listen_port", Number(update.ListenPort));
        Line(request, "fwmark", Number(update.FirewallMark));
        foreach (var peer in update.Peers)
        {
            Line(request, "public_key", peer.PublicKey.ToHex());
            Line(request, "remove", peer.Remove ? "true" : null);
            if (peer.Remove)
            {
                continue;
            }

            Line(request, "update_only", peer.UpdateOnly ? "true" : null);
            Line(request, "preshared_key", peer.PresharedKey?.ToHex());
            Line(request, "endpoint", peer.Endpoint?.ToString());
            Line(request, "persistent_keepalive_interval", Number(peer.PersistentKeepalive));
            Line(request, "replace_allowed_ips", peer.ReplaceAllowedIps ? "true" : null);
            foreach (var prefix in peer.AllowedIps ?? [])
            {
                Line(request, "allowed_ip", prefix.ToString());
            }

            foreach (var prefix in peer.RemovedAllowedIps ?? [])
            {
                Line(request, "allowed_ip", $"-{prefix}");
            }
        }

        request.Write("\n"u8);
        return request.WrittenSpan.ToArray();
    }

    /// <summary>Reads the answer to <see cref="GetRequest"/>.</summary>
    /// <param name="name">The interface that was asked for; the answer does not say.</param>
    /// <param name="answer">All that the engine said.</param>
    /// <param name="device">The device.</param>
    /// <param name="error">What is wrong.</param>
    public static bool TryParseGet(
        string name,
        ReadOnlySpan<byte> answer,
        [NotNullWhen(true)] out Device? device,
        [NotNullWhen(false)] out UapiError? error) => UapiReader.TryReadDevice(name, Text(answer), out device, out error);

    /// <summary>Reads the answer to a change; null is success.</summary>
    public static UapiError? ParseSet(ReadOnlySpan<byte> answer) => UapiReader.ReadErrno(Text(answer));

    // Byte for character: what is no ASCII stays odd enough to be refused, and nothing can fail here.
    private static ReadOnlySpan<char> Text(ReadOnlySpan<byte> answer) => Encoding.Latin1.GetString(answer);

    private static string? Number<T>(T? number)
        where T : struct, IFormattable => number?.ToString(null, CultureInfo.InvariantCulture);

    private static void Line(ArrayBufferWriter<byte> request, string key, string? value)
    {
        if (value is null)
        {
            return;
        }

        Encoding.ASCII.GetBytes(key, request);
        request.Write("="u8);
        Encoding.ASCII.GetBytes(value, request);
        request.Write("\n"u8);
    }
}

using System.Buffers;
using System.Globalization;
using System.Net;
using System.Net.Sockets;

namespace Elysium.WireGuard;

/// <summary>Writes changes as engines read them, line by line into whatever takes bytes.</summary>
internal static class UapiWriter
{
    // "persistent_keepalive_interval" is the longest key, 64 hex digits or an IPv6 endpoint with a zone the longest value.
    private const int LongestLine = 160;

    public static void WriteSet(DeviceUpdate update, IBufferWriter<byte> output)
    {
        output.Write("set=1\n"u8);
        if (update.PrivateKey is { } privateKey)
        {
            WriteKey(output, "private_key="u8, privateKey.AsSpan());
        }

        if (update.ListenPort is { } port)
        {
            WriteNumber(output, "listen_port="u8, port);
        }

        if (update.FirewallMark is { } mark)
        {
            WriteNumber(output, "fwmark="u8, mark);
        }

        foreach (var peer in update.Peers.AsSpan())
        {
            WritePeer(output, peer);
        }

        output.Write("\n"u8);
    }

    private static void WritePeer(IBufferWriter<byte> output, PeerUpdate peer)
    {
        WriteKey(output, "public_key="u8, peer.PublicKey.AsSpan());
        if (peer.Remove)
        {
            output.Write("remove=true\n"u8);
            return;
        }

        if (peer.UpdateOnly)
        {
            output.Write("update_only=true\n"u8);
        }

        if (peer.PresharedKey is { } presharedKey)
        {
            WriteKey(output, "preshared_key="u8, presharedKey.AsSpan());
        }

        if (peer.Endpoint is { } endpoint)
        {
            WriteEndpoint(output, endpoint);
        }

        if (peer.PersistentKeepalive is { } seconds)
        {
            WriteNumber(output, "persistent_keepalive_interval="u8, seconds);
        }

        if (peer.ReplaceAllowedIps)
        {
            output.Write("replace_allowed_ips=true\n"u8);
        }

        WritePrefixes(output, "allowed_ip="u8, peer.AllowedIps);
        WritePrefixes(output, "allowed_ip=-"u8, peer.RemovedAllowedIps);
    }

    private static void WriteKey(IBufferWriter<byte> output, ReadOnlySpan<byte> name, ReadOnlySpan<byte> key)
    {
        var line = Start(output, name);
        Convert.TryToHexStringLower(key, line[name.Length..], out var written);
        End(output, line, name.Length + written);
    }

    private static void WriteNumber(IBufferWriter<byte> output, ReadOnlySpan<byte> name, long number)
    {
        var line = Start(output, name);
        number.TryFormat(line[name.Length..], out var written, default, CultureInfo.InvariantCulture);
        End(output, line, name.Length + written);
    }

    private static void WritePrefixes(IBufferWriter<byte> output, ReadOnlySpan<byte> name, IReadOnlyList<IpPrefix>? prefixes)
    {
        for (var number = 0; number < prefixes?.Count; number++)
        {
            var line = Start(output, name);
            End(output, line, name.Length + prefixes[number].Format(line[name.Length..]));
        }
    }

    private static void WriteEndpoint(IBufferWriter<byte> output, IPEndPoint endpoint)
    {
        var isIPv6 = endpoint.AddressFamily == AddressFamily.InterNetworkV6;
        var name = isIPv6 ? "endpoint=["u8 : "endpoint="u8;
        var line = Start(output, name);
        endpoint.Address.TryFormat(line[name.Length..], out var written);
        var length = name.Length + written;
        if (isIPv6)
        {
            line[length++] = (byte)']';
        }

        line[length++] = (byte)':';
        endpoint.Port.TryFormat(line[length..], out written, default, CultureInfo.InvariantCulture);
        End(output, line, length + written);
    }

    private static Span<byte> Start(IBufferWriter<byte> output, ReadOnlySpan<byte> name)
    {
        var line = output.GetSpan(LongestLine);
        name.CopyTo(line);
        return line;
    }

    private static void End(IBufferWriter<byte> output, Span<byte> line, int length)
    {
        line[length] = (byte)'\n';
        output.Advance(length + 1);
    }
}

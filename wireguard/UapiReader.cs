using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using System.Net;

namespace Elysium.WireGuard;

/// <summary>Reads what an engine answers. One pass, no recursion, nothing sized by a number in the text.</summary>
internal static class UapiReader
{
    public static bool TryReadDevice(
        string name,
        ReadOnlySpan<char> answer,
        [NotNullWhen(true)] out Device? device,
        [NotNullWhen(false)] out UapiError? error)
    {
        device = null;
        var reading = new Reading();
        while (TryReadLine(ref answer, out var key, out var value, out error))
        {
            if (key is "errno")
            {
                error = Ended(answer, value);
                if (error is null && reading.FinishPeer())
                {
                    device = new Device(name, reading.PrivateKey, reading.ListenPort, reading.FirewallMark, reading.Peers);
                    return true;
                }

                error ??= new UapiError(0, "The engine named a peer twice.");
                return false;
            }

            if (!reading.Take(key, value))
            {
                // The value may be a key.
                error = new UapiError(0, $"The engine gave no sense for '{key}'.");
                return false;
            }
        }

        return false;
    }

    public static UapiError? ReadErrno(ReadOnlySpan<char> answer)
    {
        if (!TryReadLine(ref answer, out var key, out var value, out var error))
        {
            return error;
        }

        return key is "errno" ? Ended(answer, value) : new UapiError(0, "The engine answered without an error number.");
    }

    // What must stand after errno: an empty line, and no more.
    private static UapiError? Ended(ReadOnlySpan<char> rest, ReadOnlySpan<char> errno)
    {
        if (rest is not "\n" || !TryNumber(errno, out var number) || number is < -int.MaxValue or > int.MaxValue)
        {
            return new UapiError(0, "The engine's answer does not end as it should.");
        }

        return number == 0 ? null : new UapiError((int)Math.Abs(number), $"The engine refused (errno {Math.Abs(number)}).");
    }

    private static bool TryReadLine(
        ref ReadOnlySpan<char> text,
        out ReadOnlySpan<char> key,
        out ReadOnlySpan<char> value,
        [NotNullWhen(false)] out UapiError? error)
    {
        key = value = default;
        var end = text.IndexOf('\n');
        var equals = end < 0 ? -1 : text[..end].IndexOf('=');
        if (equals <= 0)
        {
            error = new UapiError(0, end < 0 ? "The engine's answer is cut off." : "The engine's answer has a line without 'key='.");
            return false;
        }

        key = text[..equals];
        value = text[(equals + 1)..end];
        text = text[(end + 1)..];
        error = null;
        return true;
    }

    private static bool TryNumber(ReadOnlySpan<char> text, out long number) =>
        long.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out number);

    /// <summary>What was read so far: the device, and the peer whose lines come now.</summary>
    private sealed class Reading
    {
        private readonly HashSet<PublicKey> _seen = [];
        private PublicKey? _peer;
        private PresharedKey? _presharedKey;
        private IPEndPoint? _endpoint;
        private ushort _keepalive;
        private long _handshakeSeconds;
        private long _handshakeNanoseconds;
        private long _received;
        private long _sent;
        private List<IpPrefix> _allowedIps = [];

        public PrivateKey? PrivateKey { get; private set; }

        public int ListenPort { get; private set; }

        public uint FirewallMark { get; private set; }

        public List<Peer> Peers { get; } = [];

        /// <summary>Takes one line; false when it makes no sense. Keys of a later protocol are passed over.</summary>
        public bool Take(ReadOnlySpan<char> key, ReadOnlySpan<char> value)
        {
            if (key is "public_key")
            {
                return FinishPeer() && StartPeer(value);
            }

            return _peer is null ? TakeDevice(key, value) : TakePeer(key, value);
        }

        /// <summary>Puts the peer whose lines came last to the others; false when it is there already.</summary>
        public bool FinishPeer()
        {
            if (_peer is not { } key)
            {
                return true;
            }

            var handshake = _handshakeSeconds == 0 && _handshakeNanoseconds == 0
                ? (DateTimeOffset?)null
                : DateTimeOffset.FromUnixTimeSeconds(_handshakeSeconds).AddTicks(_handshakeNanoseconds / TimeSpan.NanosecondsPerTick);
            Peers.Add(new Peer(key, _presharedKey, _endpoint, _keepalive, handshake, _received, _sent, _allowedIps));
            (_peer, _presharedKey, _endpoint, _keepalive, _allowedIps) = (null, null, null, 0, []);
            (_handshakeSeconds, _handshakeNanoseconds, _received, _sent) = (0, 0, 0, 0);
            return _seen.Add(key);
        }

        private bool StartPeer(ReadOnlySpan<char> hex)
        {
            Span<byte> bytes = stackalloc byte[PublicKey.Length];
            if (!KeyText.TryFromHex(hex, bytes) || KeyText.IsZero(bytes))
            {
                return false;
            }

            _peer = new PublicKey(bytes);
            return true;
        }

        private bool TakeDevice(ReadOnlySpan<char> key, ReadOnlySpan<char> value)
        {
            switch (key)
            {
                case "private_key":
                    Span<byte> bytes = stackalloc byte[PrivateKey.Length];
                    if (!KeyText.TryFromHex(value, bytes))
                    {
                        return false;
                    }

                    PrivateKey = KeyText.IsZero(bytes) ? null : new PrivateKey(bytes);
                    return true;
                case "listen_port":
                    ListenPort = TryNumber(value, out var port) && port is >= 0 and <= ushort.MaxValue ? (int)port : -1;
                    return ListenPort >= 0;
                case "fwmark":
                    var marked = TryNumber(value, out var mark) && mark is >= 0 and <= uint.MaxValue;
                    FirewallMark = marked ? (uint)mark : 0;
                    return marked;
                default:
                    return true;
            }
        }

        private bool TakePeer(ReadOnlySpan<char> key, ReadOnlySpan<char> value)
        {
            switch (key)
            {
                case "preshared_key":
                    Span<byte> bytes = stackalloc byte[PresharedKey.Length];
                    if (!KeyText.TryFromHex(value, bytes))
                    {
                        return false;
                    }

                    _presharedKey = KeyText.IsZero(bytes) ? null : new PresharedKey(bytes);
                    return true;
                case "endpoint":
                    return TryEndpoint(value, out _endpoint);
                case "persistent_keepalive_interval":
                    var kept = TryNumber(value, out var seconds) && seconds is >= 0 and <= ushort.MaxValue;
                    _keepalive = kept ? (ushort)seconds : (ushort)0;
                    return kept;
                case "allowed_ip":
                    var allowed = IpPrefix.TryParse(value, out var prefix);
                    _allowedIps.Add(prefix);
                    return allowed;
                case "last_handshake_time_sec":
                    return TryNumber(value, out _handshakeSeconds) && _handshakeSeconds >= 0 && _handshakeSeconds < DateTimeOffset.MaxValue.ToUnixTimeSeconds();
                case "last_handshake_time_nsec":
                    return TryNumber(value, out _handshakeNanoseconds) && _handshakeNanoseconds is >= 0 and < 1_000_000_000;
                case "rx_bytes":
                    return TryNumber(value, out _received) && _received >= 0;
                case "tx_bytes":
                    return TryNumber(value, out _sent) && _sent >= 0;
                default:
                    return true;
            }
        }

        private static bool TryEndpoint(ReadOnlySpan<char> value, [NotNullWhen(true)] out IPEndPoint? endpoint)
        {
            // The zone of a link-local endpoint is a name that only its own machine can number.
            var zone = value.IndexOf('%');
            var close = value.IndexOf(']');
            var text = zone >= 0 && close > zone ? string.Concat(value[..zone], value[close..]) : value;
            return IPEndPoint.TryParse(text, out endpoint) && endpoint.Port != 0;
        }
    }
}

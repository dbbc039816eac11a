using System.Net;
using System.Security.Cryptography;

namespace Elysium.WireGuard;

/// <summary>The peer whose lines are being read. One for all of them: what it holds is taken out of it, and it starts again.</summary>
internal sealed class UapiPeer
{
    private static readonly long LatestHandshake = DateTimeOffset.MaxValue.ToUnixTimeSeconds();

    private readonly List<IpPrefix> _allowedIps = [];
    private PublicKey _publicKey;
    private PresharedKey? _presharedKey;
    private IPEndPoint? _endpoint;
    private ushort _keepalive;
    private long _handshakeSeconds;
    private long _handshakeNanoseconds;
    private long _received;
    private long _sent;

    /// <summary>Whether lines are a peer's at all.</summary>
    public bool IsStarted { get; private set; }

    /// <summary>Begins with its key.</summary>
    public bool TryStart(ReadOnlySpan<byte> hex)
    {
        Span<byte> bytes = stackalloc byte[PublicKey.Length];
        if (!KeyText.TryFromHex(hex, bytes) || KeyText.IsZero(bytes))
        {
            return false;
        }

        (_publicKey, IsStarted) = (new PublicKey(bytes), true);
        return true;
    }

    /// <summary>Takes the peer out.</summary>
    public Peer Finish()
    {
        var handshake = _handshakeSeconds == 0 && _handshakeNanoseconds == 0
            ? (DateTimeOffset?)null
            : DateTimeOffset.FromUnixTimeSeconds(_handshakeSeconds).AddTicks(_handshakeNanoseconds / TimeSpan.NanosecondsPerTick);
        var peer = new Peer(_publicKey, _presharedKey, _endpoint, _keepalive, handshake, _received, _sent, _allowedIps.ToArray());
        (IsStarted, _presharedKey, _endpoint, _keepalive) = (false, null, null, 0);
        (_handshakeSeconds, _handshakeNanoseconds, _received, _sent) = (0, 0, 0, 0);
        _allowedIps.Clear();
        return peer;
    }

    /// <summary>Takes one line; false when it makes no sense. Keys of a later protocol are passed over.</summary>
    public bool TryTake(ReadOnlySpan<byte> key, ReadOnlySpan<byte> value)
    {
        if (key.SequenceEqual("allowed_ip"u8))
        {
            var read = IpPrefix.TryParse(value, out var prefix);
            _allowedIps.Add(prefix);
            return read;
        }

        if (key.SequenceEqual("endpoint"u8))
        {
            return AddressText.TryParseEndpoint(value, out _endpoint);
        }

        if (key.SequenceEqual("preshared_key"u8))
        {
            return TryPresharedKey(value);
        }

        if (key.SequenceEqual("persistent_keepalive_interval"u8))
        {
            var read = AddressText.TryParseNumber(value, out var seconds) && seconds <= ushort.MaxValue;
            _keepalive = (ushort)seconds;
            return read;
        }

        if (key.SequenceEqual("last_handshake_time_sec"u8))
        {
            return AddressText.TryParseNumber(value, out _handshakeSeconds) && _handshakeSeconds < LatestHandshake;
        }

        if (key.SequenceEqual("last_handshake_time_nsec"u8))
        {
            return AddressText.TryParseNumber(value, out _handshakeNanoseconds) && _handshakeNanoseconds < 1_000_000_000;
        }

        if (key.SequenceEqual("rx_bytes"u8))
        {
            return AddressText.TryParseNumber(value, out _received);
        }

        return !key.SequenceEqual("tx_bytes"u8) || AddressText.TryParseNumber(value, out _sent);
    }

    private bool TryPresharedKey(ReadOnlySpan<byte> hex)
    {
        Span<byte> bytes = stackalloc byte[PresharedKey.Length];
        var read = KeyText.TryFromHex(hex, bytes);
        _presharedKey = read && !KeyText.IsZero(bytes) ? new PresharedKey(bytes) : null;
        CryptographicOperations.ZeroMemory(bytes);
        return read;
    }
}

using System.Security.Cryptography;
using System.Text;

namespace Elysium.WireGuard;

/// <summary>
/// Reads what an engine answers to <see cref="Uapi.GetRequest"/> while it arrives. One pass, nothing sized by a number in the text, and
/// nothing of the text is kept: an answer of 20,000 peers needs a buffer of a few lines.
/// </summary>
/// <param name="name">The interface that was asked for; the answer does not say.</param>
public sealed class UapiReader(string name)
{
    /// <summary>The longest line that is read, in bytes; no engine comes near it.</summary>
    public const int LongestLine = 4096;

    private readonly List<Peer> _peers = [];
    private readonly UapiPeer _peer = new();
    private PrivateKey? _privateKey;
    private int _listenPort;
    private uint _firewallMark;
    private long? _errno;

    /// <summary>The device; null before the answer is whole, or when it makes no sense.</summary>
    public Device? Device { get; private set; }

    /// <summary>What is wrong with the answer; null while nothing is.</summary>
    public UapiError? Error { get; private set; }

    /// <summary>Whether the answer is over: there is a device or an error.</summary>
    public bool IsComplete => Device is not null || Error is not null;

    /// <summary>Reads all whole lines.</summary>
    /// <param name="arrived">What came, after what the last call left.</param>
    /// <returns>How many bytes were read. While the answer is not complete, the rest is the beginning of a line, shorter than
    /// <see cref="LongestLine"/>: hand it in again before what comes next.</returns>
    public int Read(ReadOnlySpan<byte> arrived)
    {
        var rest = arrived;
        while (!IsComplete)
        {
            var end = rest.IndexOf((byte)'\n');
            if (end < 0)
            {
                Error = rest.Length < LongestLine ? null : new UapiError(0, "The engine's answer has a line without an end.");
                break;
            }

            var line = rest[..end];
            rest = rest[(end + 1)..];
            if (_errno is not null)
            {
                End(line, rest);
            }
            else
            {
                Error = ReadLine(line);
            }
        }

        return arrived.Length - rest.Length;
    }

    /// <summary>Says that no more comes.</summary>
    internal void Close() => Error ??= Device is null ? new UapiError(0, "The engine's answer is cut off.") : null;

    private UapiError? ReadLine(ReadOnlySpan<byte> line)
    {
        var equals = line.IndexOf((byte)'=');
        if (equals <= 0)
        {
            return new UapiError(0, "The engine's answer has a line without 'key='.");
        }

        var key = line[..equals];
        var value = line[(equals + 1)..];
        bool sense;
        if (key.SequenceEqual("public_key"u8))
        {
            FinishPeer();
            sense = _peer.TryStart(value);
        }
        else if (key.SequenceEqual("errno"u8))
        {
            FinishPeer();
            sense = UapiAnswer.TryErrno(value, out var errno);
            _errno = errno;
        }
        else
        {
            sense = _peer.IsStarted ? _peer.TryTake(key, value) : TryTake(key, value);
        }

        // The value may be a key.
        return sense ? null : new UapiError(0, $"The engine gave no sense for '{Encoding.ASCII.GetString(key)}'.");
    }

    private void FinishPeer()
    {
        if (_peer.IsStarted)
        {
            _peers.Add(_peer.Finish());
        }
    }

    // What stands after the error number: an empty line, and no more.
    private void End(ReadOnlySpan<byte> line, ReadOnlySpan<byte> rest)
    {
        Error = UapiAnswer.End(_errno!.Value, line, rest);
        if (Error is not null)
        {
            return;
        }

        using var index = new PeerIndex(_peers.AsSpan(), out var isUnique);
        if (isUnique)
        {
            Device = new Device(name, _privateKey, _listenPort, _firewallMark, _peers);
        }
        else
        {
            Error = new UapiError(0, "The engine named a peer twice.");
        }
    }

    // Keys of a later protocol are passed over.
    private bool TryTake(ReadOnlySpan<byte> key, ReadOnlySpan<byte> value)
    {
        if (key.SequenceEqual("private_key"u8))
        {
            Span<byte> bytes = stackalloc byte[PrivateKey.Length];
            var read = KeyText.TryFromHex(value, bytes);
            _privateKey = read && !KeyText.IsZero(bytes) ? new PrivateKey(bytes) : null;
            CryptographicOperations.ZeroMemory(bytes);
            return read;
        }

        if (key.SequenceEqual("listen_port"u8))
        {
            var read = AddressText.TryParseNumber(value, out var port) && port <= ushort.MaxValue;
            _listenPort = (int)port;
            return read;
        }

        if (key.SequenceEqual("fwmark"u8))
        {
            var read = AddressText.TryParseNumber(value, out var mark) && mark <= uint.MaxValue;
            _firewallMark = (uint)mark;
            return read;
        }

        return true;
    }
}

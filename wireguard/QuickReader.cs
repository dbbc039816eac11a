using System.Diagnostics.CodeAnalysis;
using System.Text;

namespace Elysium.WireGuard;

/// <summary>
/// Reads wg-quick files. A file has two readers: <c>wg-quick</c> takes the keys that it knows out of <c>[Interface]</c>, and <c>wg</c> gets
/// the other lines, of which it first removes every space. One pass, no recursion, nothing sized by a number in the text.
/// </summary>
internal static class QuickReader
{
    public static bool TryRead(
        ReadOnlySpan<char> text,
        [NotNullWhen(true)] out QuickConfig? config,
        [NotNullWhen(false)] out TextError? error)
    {
        config = null;
        var reading = new Reading();
        text = text.StartsWith('\uFEFF') ? text[1..] : text;
        var number = 0;
        while (!text.IsEmpty)
        {
            var end = text.IndexOf('\n');
            var line = end < 0 ? text : text[..end];
            text = end < 0 ? [] : text[(end + 1)..];
            number++;
            if (reading.Take(line, number, out error) is { } problem)
            {
                error = new TextError(number, problem);
            }

            if (error is not null)
            {
                return false;
            }
        }

        error = reading.FinishPeer();
        config = error is null ? reading.Finish() : null;
        return config is not null;
    }

    /// <summary>What was read so far.</summary>
    private sealed class Reading
    {
        private readonly QuickInterfaceReader _interface = new();
        private readonly List<QuickPeer> _peers = [];
        private readonly Dictionary<PublicKey, int> _lines = [];
        private char[] _buffer = new char[256];

        // Where the lines are that come now: in a peer, in the interface, or before any section.
        private QuickPeerReader? _peer;
        private bool _inInterface;

        /// <summary>Takes a line; the error is one of an earlier line that only this one brings out.</summary>
        public string? Take(ReadOnlySpan<char> line, int number, out TextError? earlier)
        {
            earlier = null;
            if (line.Contains('\0'))
            {
                return "A NUL byte stands in it; the file must be text.";
            }

            var comment = line.IndexOf(QuickText.Comment);
            var stripped = comment < 0 ? line : line[..comment];
            var compact = Compact(stripped);
            if (compact.IsEmpty)
            {
                return null;
            }

            var equals = compact.IndexOf('=');
            if (compact[0] == '[' || equals < 0)
            {
                return Enter(compact, number, out earlier);
            }

            if (_inInterface)
            {
                var start = stripped.IndexOf('=') + 1;
                var key = stripped[..(start - 1)].Trim(QuickText.Space);
                var value = stripped[start..].Trim(QuickText.Space);
                return _interface.TakeQuick(key, value, line[start..].Trim(QuickText.Space), out var problem)
                    ? problem
                    : _interface.TakeDevice(compact[..equals], compact[(equals + 1)..]);
            }

            return _peer is not null
                ? _peer.Take(compact[..equals], compact[(equals + 1)..], number)
                : "It stands before the first section; [Interface] or [Peer] must come first.";
        }

        public TextError? FinishPeer()
        {
            if (_peer is null)
            {
                return null;
            }

            if (_peer.KeyLine == 0)
            {
                return new TextError(_peer.Line, "This [Peer] has no PublicKey; every peer needs one.");
            }

            var peer = _peer.Finish();
            if (!_lines.TryAdd(peer.PublicKey, _peer.KeyLine))
            {
                return new TextError(_peer.KeyLine, $"The peer {peer.PublicKey} stands in line {_lines[peer.PublicKey]} already; a peer has one [Peer].");
            }

            _peers.Add(peer);
            _peer = null;
            return null;
        }

        public QuickConfig Finish() => _interface.Finish(_peers);

        private string? Enter(ReadOnlySpan<char> section, int number, out TextError? earlier)
        {
            earlier = null;
            var isPeer = Ascii.EqualsIgnoreCase(section, "[Peer]");
            if (!isPeer && !Ascii.EqualsIgnoreCase(section, "[Interface]"))
            {
                return $"{QuickText.Show(section)} is no line of such a file: [Interface], [Peer], KEY = VALUE or # and a comment.";
            }

            earlier = FinishPeer();
            _inInterface = !isPeer;
            _peer = isPeer ? new QuickPeerReader(number) : null;
            return null;
        }

        private ReadOnlySpan<char> Compact(ReadOnlySpan<char> line)
        {
            if (_buffer.Length < line.Length)
            {
                _buffer = new char[line.Length];
            }

            var length = 0;
            foreach (var c in line)
            {
                if (!QuickText.Space.Contains(c))
                {
                    _buffer[length++] = c;
                }
            }

            return _buffer.AsSpan(0, length);
        }
    }
}

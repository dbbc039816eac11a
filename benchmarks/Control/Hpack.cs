using System.Text;

namespace Elysium.Benchmarks.Control;

/// <summary>Header blocks without compression state (RFC 7541 §6.2.2): made once and sent by many connections.</summary>
internal static class Hpack
{
    private const byte AuthorityName = 1;
    private const byte Get = 0x82;
    private const byte Post = 0x83;
    private const byte PathName = 4;
    private const byte Https = 0x87;

    public static byte[] Request(bool post, string authority, string path, params (string Name, string Value)[] headers)
    {
        var block = new MemoryStream();
        block.WriteByte(post ? Post : Get);
        block.WriteByte(Https);
        block.WriteByte(AuthorityName);
        Text(block, authority);
        block.WriteByte(PathName);
        Text(block, path);
        foreach (var (name, value) in headers)
        {
            block.WriteByte(0);
            Text(block, name);
            Text(block, value);
        }

        return block.ToArray();
    }

    /// <summary>The status, which comes first: from the static table, or as three digits after a name of that table.</summary>
    public static int Status(ReadOnlySpan<byte> block) => block switch
    {
        [var resized, .. var rest] when (resized & 0xE0) == 0x20 => Status(rest),
        [0x88, ..] => 200,
        [0x89, ..] => 204,
        [0x8C, ..] => 400,
        [0x8D, ..] => 404,
        [0x8E, ..] => 500,
        [0x08 or 0x18 or 0x48, 3, var a, var b, var c, ..] => ((a - '0') * 100) + ((b - '0') * 10) + (c - '0'),
        _ => throw new IOException($"The answer begins with a header that is no status: {Convert.ToHexString(block[..Math.Min(8, block.Length)])}."),
    };

    // RFC 7541 §5.1, with a prefix of seven bits, and §5.2 without Huffman.
    private static void Text(MemoryStream block, string text)
    {
        var bytes = Encoding.ASCII.GetBytes(text);
        var length = bytes.Length;
        if (length < 127)
        {
            block.WriteByte((byte)length);
        }
        else
        {
            block.WriteByte(127);
            for (length -= 127; length >= 128; length >>= 7)
            {
                block.WriteByte((byte)(length | 128));
            }

            block.WriteByte((byte)length);
        }

        block.Write(bytes);
    }
}

namespace Elysium.WireGuard;

/// <summary>What every answer of an engine ends with: <c>errno=N</c> and an empty line.</summary>
internal static class UapiAnswer
{
    private static readonly UapiError BadEnd = new(0, "The engine's answer does not end as it should.");

    /// <summary>Reads an error number; engines write it with a minus sign or without.</summary>
    public static bool TryErrno(ReadOnlySpan<byte> text, out long errno) =>
        AddressText.TryParseNumber(text.StartsWith("-"u8) ? text[1..] : text, out errno) && errno <= int.MaxValue;

    /// <summary>Judges the end.</summary>
    /// <param name="errno">The error number.</param>
    /// <param name="line">The line that follows it.</param>
    /// <param name="rest">What else came.</param>
    /// <returns>Null: success.</returns>
    public static UapiError? End(long errno, ReadOnlySpan<byte> line, ReadOnlySpan<byte> rest) =>
        !line.IsEmpty || !rest.IsEmpty ? BadEnd : errno == 0 ? null : new UapiError((int)errno, $"The engine refused (errno {errno}).");

    /// <summary>Reads an answer that has nothing but its end.</summary>
    public static UapiError? Read(ReadOnlySpan<byte> answer)
    {
        var end = answer.IndexOf((byte)'\n');
        if (end < 0)
        {
            return new UapiError(0, "The engine's answer is cut off.");
        }

        if (!answer.StartsWith("errno="u8))
        {
            return new UapiError(0, "The engine answered without an error number.");
        }

        var next = answer[(end + 1)..];
        return !TryErrno(answer["errno=".Length..end], out var errno) || next is not [(byte)'\n', ..] ? BadEnd : End(errno, default, next[1..]);
    }
}

namespace Elysium.Benchmarks.Control;

/// <summary>RFC 9113 §6.</summary>
internal enum FrameType : byte
{
    Data = 0,
    Headers = 1,
    Reset = 3,
    Settings = 4,
    Ping = 6,
    GoAway = 7,
    WindowUpdate = 8,
    Continuation = 9,
}

/// <summary>A frame that was read; its payload is valid until the next is read.</summary>
internal readonly record struct Http2Frame(FrameType Type, byte Flags, int Stream, ReadOnlyMemory<byte> Payload)
{
    public const byte EndStream = 1; // ACK, of settings and pings
    public const byte EndHeaders = 4;

    public bool Ends => (Flags & EndStream) != 0;
}

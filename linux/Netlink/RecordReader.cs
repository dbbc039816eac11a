namespace Elysium.Linux.Netlink;

/// <summary>Makes a list of records of a dump.</summary>
internal readonly struct RecordReader<T>(NetlinkSocket.Decoder<T> decode) : IDumpReader
    where T : class
{
    public List<T> Records { get; } = [];

    public void Restart() => Records.Clear();

    public void Read(ushort type, ReadOnlySpan<byte> payload)
    {
        if (decode(payload) is { } record)
        {
            Records.Add(record);
        }
    }
}

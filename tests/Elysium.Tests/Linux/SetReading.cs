using Elysium.Linux.Netlink;

namespace Elysium.Tests.Linux;

/// <summary>
/// What the messages of one change say together, as the kernel would take them: a peer that goes on in the next message is one peer, and
/// may say there nothing but its key, that it must exist, and prefixes.
/// </summary>
internal sealed record SetReading(string Device)
{
    public List<SetPeer> Peers { get; } = [];

    public static SetReading Of(IReadOnlyList<byte[]> payloads)
    {
        var readings = payloads.Select(Read).ToList();
        readings.Skip(1).ShouldAllBe(reading => reading.Device == "");
        readings.Skip(1).ShouldAllBe(reading => reading.Peers.Count > 0);
        var whole = new SetReading(readings[0].Device);
        foreach (var peer in readings.SelectMany(reading => reading.Peers))
        {
            if (peer is { Flags: Wg.WGPEER_F_UPDATE_ONLY, Settings: "" } && whole.Peers is [.., var last] && last.Key == peer.Key && last.Flags != Wg.WGPEER_F_REMOVE_ME)
            {
                whole.Peers[^1] = last with { Prefixes = $"{last.Prefixes} {peer.Prefixes}".Trim() };
            }
            else
            {
                whole.Peers.Add(peer);
            }
        }

        return whole;
    }

    public bool Equals(SetReading? other) => other is not null && Device == other.Device && Peers.SequenceEqual(other.Peers);

    public override int GetHashCode() => Device.GetHashCode(StringComparison.Ordinal);

    public override string ToString() => $"{Device}: {string.Join("; ", Peers)}";

    private static SetReading Read(byte[] payload)
    {
        var device = "";
        var peers = new List<SetPeer>();
        var attributes = AttributeReader.Behind(payload, out GenericHeader header);
        header.Command.ShouldBe(Wg.WG_CMD_SET_DEVICE);
        while (attributes.Read())
        {
            switch (attributes.Type)
            {
                case Wg.WGDEVICE_A_IFNAME:
                    attributes.AsString.ShouldBe("wg0");
                    break;
                case Wg.WGDEVICE_A_PEERS:
                    var nest = attributes.AsNest;
                    while (nest.Read())
                    {
                        peers.Add(ReadPeer(nest.AsNest));
                    }

                    break;
                default:
                    device += $"{attributes.Type}={Convert.ToHexString(attributes.Value)} ";
                    break;
            }
        }

        var reading = new SetReading(device);
        reading.Peers.AddRange(peers);
        return reading;
    }

    private static SetPeer ReadPeer(AttributeReader attributes)
    {
        var peer = new SetPeer("", 0, "", "");
        while (attributes.Read())
        {
            switch (attributes.Type)
            {
                case Wg.WGPEER_A_PUBLIC_KEY:
                    peer = peer with { Key = Convert.ToHexString(attributes.Value) };
                    break;
                case Wg.WGPEER_A_FLAGS:
                    peer = peer with { Flags = attributes.AsUInt32 };
                    break;
                case Wg.WGPEER_A_ALLOWEDIPS:
                    peer = peer with { Prefixes = string.Join(' ', ReadPrefixes(attributes.AsNest)) };
                    break;
                default:
                    peer = peer with { Settings = $"{peer.Settings}{attributes.Type}={Convert.ToHexString(attributes.Value)} " };
                    break;
            }
        }

        return peer;
    }

    private static List<string> ReadPrefixes(AttributeReader prefixes)
    {
        var read = new List<string>();
        while (prefixes.Read())
        {
            var (address, length, removed) = ("", 0, "");
            var attributes = prefixes.AsNest;
            while (attributes.Read())
            {
                switch (attributes.Type)
                {
                    case Wg.WGALLOWEDIP_A_IPADDR:
                        address = attributes.AsAddress.ToString();
                        break;
                    case Wg.WGALLOWEDIP_A_CIDR_MASK:
                        length = attributes.AsByte;
                        break;
                    case Wg.WGALLOWEDIP_A_FLAGS:
                        removed = "-";
                        break;
                }
            }

            read.Add($"{removed}{address}/{length}");
        }

        return read;
    }
}

/// <summary>A peer of a change: its key and flags, everything else but its prefixes, its prefixes (with a minus: removed).</summary>
internal sealed record SetPeer(string Key, uint Flags, string Settings, string Prefixes);

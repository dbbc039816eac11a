using CsCheck;
using Elysium.Linux;
using Elysium.Linux.Netlink;

namespace Elysium.Tests.Linux;

/// <summary>Whatever the bytes are: an answer, or an <see cref="InvalidDataException"/>; nothing else, and soon.</summary>
public sealed class HostileMessageTests
{
    // What Linux 6.18 sent (CapturedMessageTests), and a link with its kind in a nest.
    private static readonly byte[][] Genuine =
    [
        Convert.FromHexString("4c00000018002200c240046bd534000002100000fce100010000000008000f006cca0000080001000a020000080006000700000008000700c000020108000500c00002020800040003000000"),
        Convert.FromHexString("4c00000020000200c240046bd934000002000000fc0000010200000008000f006cca000008000e00ffffffff05001500e1000000080006006400000008000a006cca000008001000ffffffff"),
        Convert.FromHexString("4800000014002200c340046bd13400000a4082000300000014000100fd00000000000000000000000000000114000600ffffffffffffffffdbb81900dbb819000800080082000000"),
        Convert.FromHexString("3800000010000506c240046b00000000000000000000000000000000000000000700030073770000100012000a0001006272696467650000"),
        Convert.FromHexString("6000000002000002c240046be13400009bffffff2c00000018000506c240046b0000000002100000fe03000100000000080001000a09000008000500cb007101200001004e657874686f702068617320696e76616c6964206761746577617900"),
    ];

    [Fact]
    public void The_genuine_ones_are_read()
    {
        foreach (var message in Genuine)
        {
            Read(message).ShouldBeTrue();
        }
    }

    [Fact]
    public void Every_truncation_is_survived()
    {
        foreach (var message in Genuine)
        {
            for (var length = 0; length < message.Length; length++)
            {
                _ = Read(message[..length]);

                // Cut, and saying so: then the attributes are cut, not the message.
                var cut = message[..length];
                if (length >= Nl.HeaderLength)
                {
                    BitConverter.TryWriteBytes(cut, length);
                    _ = Read(cut);
                }
            }
        }
    }

    [Fact]
    public void Every_mutation_is_survived() => Gen.Select(Gen.Int[0, Genuine.Length - 1].Select(i => Genuine[i]), Gen.Select(Gen.UShort, Gen.Byte).Array[1, 8]).Sample(
        (message, changes) =>
        {
            var mutated = message.ToArray();
            foreach (var (at, value) in changes)
            {
                mutated[at % mutated.Length] = value;
            }

            // A length that fits lets the rest be looked at.
            _ = Read(mutated);
            BitConverter.TryWriteBytes(mutated, mutated.Length);
            _ = Read(mutated);
        },
        iter: 20_000);

    [Fact]
    public void Any_bytes_are_survived_by_every_decoder() => Gen.Byte.Array[0, 200].Sample(
        bytes =>
        {
            _ = Read(bytes);
            foreach (var type in (ushort[])[Rt.RTM_NEWLINK, Rt.RTM_NEWADDR, Rt.RTM_NEWROUTE, Rt.RTM_NEWRULE])
            {
                _ = Survives(() => ChangeMessages.Decode(type, bytes));
            }

            _ = Survives(() => GenericFamily.Decode(bytes));
            foreach (var flags in (ushort[])[0, Nl.NLM_F_ACK_TLVS, Nl.NLM_F_ACK_TLVS | Nl.NLM_F_CAPPED])
            {
                _ = Survives(() => Acknowledgement.Refusal(new MessageHeader(0, Nl.NLMSG_ERROR, flags, 0, 0), bytes, bytes, "trying"));
                _ = Survives(() => Acknowledgement.Refusal(new MessageHeader(0, Nl.NLMSG_DONE, flags, 0, 0), bytes, bytes, "trying"));
            }
        },
        iter: 20_000);

    [Fact]
    public void An_attribute_shorter_than_its_header_does_not_turn_in_circles()
    {
        foreach (var length in (byte[])[0, 1, 2, 3])
        {
            Should.Throw<InvalidDataException>(() => new AttributeReader([length, 0, 1, 0, 0, 0, 0, 0]).Read());
        }

        Should.Throw<InvalidDataException>(() => new MessageReader(new byte[Nl.HeaderLength]).Read());
    }

    [Fact]
    public void An_offset_beyond_the_request_names_no_attribute()
    {
        byte[] answer = [.. BitConverter.GetBytes(-Errno.EINVAL), .. new byte[Nl.HeaderLength], 8, 0, 2, 0, 0xff, 0xff, 0xff, 0x7f];
        var refusal = Acknowledgement.Refusal(new MessageHeader(0, Nl.NLMSG_ERROR, Nl.NLM_F_ACK_TLVS | Nl.NLM_F_CAPPED, 0, 0), answer, new byte[40], "trying")!;
        refusal.AttributeOffset.ShouldBe(int.MaxValue);
        refusal.AttributeType.ShouldBeNull();
    }

    private static bool Read(byte[] datagram) => Survives(() =>
    {
        var messages = new MessageReader(datagram);
        while (messages.Read())
        {
            _ = messages.Header.Type is Nl.NLMSG_ERROR or Nl.NLMSG_DONE
                ? (object?)Acknowledgement.Refusal(messages.Header, messages.Payload, datagram, "trying")
                : ChangeMessages.Decode(messages.Header.Type, messages.Payload);
        }

        return null;
    });

    private static bool Survives(Func<object?> read)
    {
        try
        {
            _ = read();
            return true;
        }
        catch (InvalidDataException)
        {
            return false;
        }
    }
}

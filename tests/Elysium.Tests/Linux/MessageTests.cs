using CsCheck;
using Elysium.Linux.Netlink;

namespace Elysium.Tests.Linux;

public sealed class MessageTests
{
    private static readonly Gen<(ushort Type, byte[] Value)[]> Attributes =
        Gen.Select(Gen.UShort[1, 1000], Gen.Byte.Array[0, 300]).Array[0, 40];

    [Fact]
    public void What_is_written_is_read_in_a_fixed_place_and_in_one_that_grows() => Gen.Select(Attributes, Attributes).Sample((outer, inner) =>
    {
        using var buffer = new MessageBuffer();
        Write(new MessageWriter(buffer, 7, 1), outer, inner);
        Write(new MessageWriter(buffer, 8, 2), inner, outer);
        var place = new byte[64 * 1024];
        Write(new MessageWriter(place, 7, 1), outer, inner).SequenceEqual(buffer.Messages[..Write(new MessageWriter(place, 7, 1), outer, inner).Length]).ShouldBeTrue();

        var messages = new MessageReader(buffer.Messages);
        messages.Read().ShouldBeTrue();
        messages.Header.ShouldBe(new MessageHeader(messages.Payload.Length + Nl.HeaderLength, 7, 1, 0, 0));
        ShouldHold(messages.Payload, outer, inner);
        messages.Read().ShouldBeTrue();
        messages.Header.Type.ShouldBe((ushort)8);
        ShouldHold(messages.Payload, inner, outer);
        messages.Read().ShouldBeFalse();
    });

    [Fact]
    public void Numbers_of_every_width_and_order_are_read_back() => Gen.Select(Gen.Byte, Gen.UShort, Gen.UInt, Gen.ULong).Sample((a, b, c, d) =>
    {
        var writer = new MessageWriter(stackalloc byte[256], 1, 0);
        writer.Attribute(1, a);
        writer.Attribute(2, b);
        writer.Attribute(3, c);
        writer.Attribute(4, d);
        writer.BigEndian(5, b);
        writer.BigEndian(6, c);
        writer.BigEndian(7, d);
        writer.Attribute(8, (long)d);
        writer.Attribute(9, (int)c);
        writer.Flag(10);
        var reader = new AttributeReader(writer.Finish()[Nl.HeaderLength..]);
        Next(ref reader).AsByte.ShouldBe(a);
        Next(ref reader).AsUInt16.ShouldBe(b);
        Next(ref reader).AsUInt32.ShouldBe(c);
        Next(ref reader).AsUInt64.ShouldBe(d);
        Next(ref reader).AsBigEndianUInt16.ShouldBe(b);
        Next(ref reader).AsBigEndianUInt32.ShouldBe(c);
        Next(ref reader).AsBigEndianUInt64.ShouldBe(d);
        Next(ref reader).AsInt64.ShouldBe((long)d);
        Next(ref reader).AsInt32.ShouldBe((int)c);
        Next(ref reader).Value.Length.ShouldBe(0);
        reader.Read().ShouldBeFalse();
    });

    [Fact]
    public void Network_order_is_the_largest_byte_first()
    {
        var writer = new MessageWriter(stackalloc byte[64], 1, 0);
        writer.BigEndian(1, 0x01020304u);
        Convert.ToHexStringLower(writer.Finish()[Nl.HeaderLength..]).ShouldBe("0800010001020304");
    }

    [Fact]
    public void A_nest_of_65535_bytes_is_the_largest_and_one_more_is_refused_with_the_way_out()
    {
        using var buffer = new MessageBuffer();
        var writer = new MessageWriter(buffer, 1, 0);
        var nest = writer.BeginNest(8);
        var room = MessageWriter.LargestAttribute - (2 * Nl.AttributeHeaderLength);
        writer.Attribute(1, new byte[room - 3]);
        writer.EndNest(nest);
        var mark = writer.Length;
        nest = writer.BeginNest(9);
        writer.Attribute(1, new byte[room]);
        try
        {
            writer.EndNest(nest);
            throw new InvalidOperationException("it was taken");
        }
        catch (InvalidOperationException exception)
        {
            exception.Message.ShouldContain("65536");
            exception.Message.ShouldContain("split");
        }

        writer.Rewind(mark);
        var reader = new AttributeReader(writer.Finish()[Nl.HeaderLength..]);
        reader.Read().ShouldBeTrue();
        reader.AsNest.Read().ShouldBeTrue();
        reader.Read().ShouldBeFalse();
    }

    [Fact]
    public void A_message_that_was_not_finished_is_not_in_the_buffer()
    {
        using var buffer = new MessageBuffer();
        new MessageWriter(buffer, 1, 0).Finish();
        var abandoned = new MessageWriter(buffer, 2, 0);
        abandoned.Attribute(1, new byte[100_000 % 60_000]);
        buffer.Length.ShouldBe(Nl.HeaderLength);
    }

    private static Span<byte> Write(MessageWriter writer, (ushort Type, byte[] Value)[] outer, (ushort Type, byte[] Value)[] inner)
    {
        foreach (var (type, value) in outer)
        {
            writer.Attribute(type, value);
        }

        var nest = writer.BeginNest(2000);
        foreach (var (type, value) in inner)
        {
            writer.Attribute(type, value);
        }

        writer.EndNest(nest);
        return writer.Finish();
    }

    private static void ShouldHold(ReadOnlySpan<byte> payload, (ushort Type, byte[] Value)[] outer, (ushort Type, byte[] Value)[] inner)
    {
        var reader = new AttributeReader(payload);
        foreach (var (type, value) in outer)
        {
            reader.Read().ShouldBeTrue();
            reader.Type.ShouldBe(type);
            reader.Value.SequenceEqual(value).ShouldBeTrue();
        }

        reader.Read().ShouldBeTrue();
        reader.Type.ShouldBe((ushort)2000);
        var nest = reader.AsNest;
        foreach (var (type, value) in inner)
        {
            nest.Read().ShouldBeTrue();
            nest.Type.ShouldBe(type);
            nest.Value.SequenceEqual(value).ShouldBeTrue();
        }

        nest.Read().ShouldBeFalse();
        reader.Read().ShouldBeFalse();
    }

    private static AttributeReader Next(ref AttributeReader reader)
    {
        reader.Read().ShouldBeTrue();
        return reader;
    }
}

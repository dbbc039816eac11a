using System.Buffers;
using System.Diagnostics.CodeAnalysis;

namespace Elysium.WireGuard;

/// <summary>
/// The text that userspace engines speak (wireguard.com/xplatform): lines of <c>key=value</c>, an empty line at the end, keys in
/// lower-case hex. What an engine says is not trusted: an answer that makes no sense is a <see cref="UapiError"/>.
/// </summary>
public static class Uapi
{
    /// <summary>Asks for the device.</summary>
    public static ReadOnlySpan<byte> GetRequest => "get=1\n\n"u8;

    /// <summary>Whether an answer is whole: it ends with an empty line, and there is none before.</summary>
    public static bool IsComplete(ReadOnlySpan<byte> answer) => answer.EndsWith("\n\n"u8);

    /// <summary>
    /// The request that makes a change. It holds secrets. Removed prefixes are written as <c>allowed_ip=-PREFIX</c>, which few engines know
    /// (wireguard-go of 2025): for the others write <see cref="DeviceUpdate.WithoutRemovals"/>.
    /// </summary>
    public static byte[] FormatSet(DeviceUpdate update)
    {
        var request = new ArrayBufferWriter<byte>();
        WriteSet(update, request);
        return request.WrittenSpan.ToArray();
    }

    /// <summary>Writes what <see cref="FormatSet"/> gives, line by line.</summary>
    public static void WriteSet(DeviceUpdate update, IBufferWriter<byte> output)
    {
        ArgumentNullException.ThrowIfNull(update);
        ArgumentNullException.ThrowIfNull(output);
        UapiWriter.WriteSet(update, output);
    }

    /// <summary>Reads the answer to <see cref="GetRequest"/>; <see cref="UapiReader"/> does so while it arrives.</summary>
    /// <param name="name">The interface that was asked for; the answer does not say.</param>
    /// <param name="answer">All that the engine said.</param>
    /// <param name="device">The device.</param>
    /// <param name="error">What is wrong.</param>
    public static bool TryParseGet(
        string name,
        ReadOnlySpan<byte> answer,
        [NotNullWhen(true)] out Device? device,
        [NotNullWhen(false)] out UapiError? error)
    {
        var reader = new UapiReader(name);
        reader.Read(answer);
        reader.Close();
        (device, error) = (reader.Device, reader.Error);
        return device is not null;
    }

    /// <summary>Reads the answer to a change; null is success.</summary>
    public static UapiError? ParseSet(ReadOnlySpan<byte> answer) => UapiAnswer.Read(answer);
}

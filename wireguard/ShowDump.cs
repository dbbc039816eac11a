using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using System.Text;

namespace Elysium.WireGuard;

/// <summary>
/// The text of <c>wg show INTERFACE dump</c> and <c>wg show all dump</c> (wg(8)): one line for a device, then one for each of its peers,
/// fields separated by tabs. It holds secrets. Handshakes are in whole seconds.
/// </summary>
public static class ShowDump
{
    /// <summary>Writes <c>wg show INTERFACE dump</c>, peers and prefixes in the order in which the device has them.</summary>
    public static string Format(Device device)
    {
        ArgumentNullException.ThrowIfNull(device);
        var text = new StringBuilder();
        Write(text, device, withName: false);
        return text.ToString();
    }

    /// <summary>Writes <c>wg show all dump</c>: every line begins with the name of its device.</summary>
    /// <exception cref="ArgumentException">A name is empty or holds white space.</exception>
    public static string FormatAll(IEnumerable<Device> devices)
    {
        ArgumentNullException.ThrowIfNull(devices);
        var text = new StringBuilder();
        foreach (var device in devices)
        {
            if (device.Name.Length == 0 || device.Name.Any(char.IsWhiteSpace))
            {
                throw new ArgumentException($"'{device.Name}' is no name of an interface.", nameof(devices));
            }

            Write(text, device, withName: true);
        }

        return text.ToString();
    }

    /// <summary>Reads <c>wg show INTERFACE dump</c>. Time and memory are linear in the text, and nothing of it makes this throw.</summary>
    /// <param name="name">The interface that was asked for; the text does not say.</param>
    /// <param name="text">All that <c>wg</c> printed.</param>
    /// <param name="device">The device.</param>
    /// <param name="error">What is wrong, for the first line that is.</param>
    public static bool TryParse(
        string name,
        ReadOnlySpan<char> text,
        [NotNullWhen(true)] out Device? device,
        [NotNullWhen(false)] out TextError? error)
    {
        ArgumentNullException.ThrowIfNull(name);
        device = ShowDumpReader.TryRead(text, name, out var devices, out error) ? devices.FirstOrDefault() : null;
        error ??= device is null ? new TextError(1, "There is no line, and so no device.") : null;
        return device is not null;
    }

    /// <summary>Reads <c>wg show all dump</c>; no text at all is no device. Time and memory are linear in the text, and nothing of it makes
    /// this throw.</summary>
    public static bool TryParseAll(
        ReadOnlySpan<char> text,
        [NotNullWhen(true)] out IReadOnlyList<Device>? devices,
        [NotNullWhen(false)] out TextError? error)
    {
        devices = ShowDumpReader.TryRead(text, null, out var read, out error) ? read : null;
        return devices is not null;
    }

    private static void Write(StringBuilder text, Device device, bool withName)
    {
        var name = withName ? $"{device.Name}\t" : "";
        var mark = device.FirewallMark == 0 ? "off" : $"0x{device.FirewallMark:x}";
        text.Append(name).Append(device.PrivateKey?.ToBase64() ?? "(none)").Append('\t');
        text.Append(device.PrivateKey?.PublicKey.ToString() ?? "(none)").Append('\t');
        text.Append(CultureInfo.InvariantCulture, $"{device.ListenPort}\t{mark}\n");
        foreach (var peer in device.Peers)
        {
            var preshared = peer.PresharedKey is { } key && !key.Equals(PresharedKey.None) ? key.ToBase64() : "(none)";
            text.Append(name).Append(CultureInfo.InvariantCulture, $"{peer.PublicKey}\t{preshared}\t{peer.Endpoint?.ToString() ?? "(none)"}\t");
            text.Append(peer.AllowedIps.Count == 0 ? "(none)" : string.Join(',', peer.AllowedIps)).Append('\t');
            text.Append(CultureInfo.InvariantCulture, $"{peer.LastHandshake?.ToUnixTimeSeconds() ?? 0}\t{peer.ReceivedBytes}\t{peer.SentBytes}\t");
            text.Append(peer.PersistentKeepalive == 0 ? "off" : peer.PersistentKeepalive.ToString(CultureInfo.InvariantCulture)).Append('\n');
        }
    }
}

using System.Text;

namespace Elysium.Client.Join;

/// <summary>The name that a machine takes when nobody gives it one.</summary>
internal static class MachineName
{
    /// <summary>The host name's first label, made a DNS label; null when nothing of it is left.</summary>
    public static string? From(string hostName)
    {
        var label = new StringBuilder();
        foreach (var c in hostName.Split('.')[0].ToLowerInvariant())
        {
            label.Append(char.IsAsciiLetterLower(c) || char.IsAsciiDigit(c) ? c : '-');
        }

        var name = label.ToString().Trim('-');
        name = name.Length > DnsLabel.MaxLength ? name[..DnsLabel.MaxLength].TrimEnd('-') : name;
        return DnsLabel.IsValid(name) ? name : null;
    }
}

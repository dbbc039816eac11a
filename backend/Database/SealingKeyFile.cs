using System.Text;
using Elysium.Backend.Hosting;
using Microsoft.EntityFrameworkCore;

namespace Elysium.Backend.Database;

/// <summary>
/// The file with the sealing keys, shared by every backend of an installation: one a line, 32 bytes in base64; the first seals, the others only open.
/// Blank lines and lines that begin with '#' mean nothing. Version 0.1.0 wrote one key as 32 raw bytes.
/// </summary>
internal static class SealingKeyFile
{
    private const int MaxLength = 64 * 1024;
    private const UnixFileMode ForOthers = UnixFileMode.OtherRead | UnixFileMode.OtherWrite | UnixFileMode.GroupWrite;

    /// <summary>
    /// The keys of the file that the settings name. The one in the data folder is made when it is missing, but never beside a database
    /// that holds something sealed: what a new key cannot open would be lost without a word.
    /// </summary>
    public static async Task<Outcome<KeySealer>> OpenAsync(BackendOptions options, ElysiumDatabase database, CancellationToken cancellationToken)
    {
        if (options.SealingKeyFile is null && !File.Exists(options.SealingKeyPath))
        {
            if (await HoldsSealedAsync(database, cancellationToken))
            {
                return Refused(
                    $"There is no {options.SealingKeyPath}, and the database holds keys that are sealed with it. Put the installation's sealing key there, "
                    + "or name its file with ELYSIUM_SEALING_KEY_FILE.");
            }

            DataDirectory.WriteSecret(options.SealingKeyPath, Encoding.ASCII.GetBytes(SealingKey.NewLine() + "\n"));
        }

        return Read(options.SealingKeyPath);
    }

    /// <summary>The keys of a file, or what is wrong with it. No message holds anything of its lines.</summary>
    public static Outcome<KeySealer> Read(string path)
    {
        byte[] content;
        try
        {
            var file = new FileInfo(path);
            if (!file.Exists)
            {
                return Refused(
                    Directory.Exists(path)
                        ? $"The sealing key file {path} is a folder."
                        : $"There is no sealing key file {path}. Put the installation's there; for a new installation, 'elysium-backend sealing-key' prints a line for it.");
            }

            var mode = File.GetUnixFileMode(path);
            if ((mode & ForOthers) != 0)
            {
                return Refused($"The sealing key file {path} can be read or changed by others (mode {Convert.ToString((int)mode, 8)}): run 'chmod 600' on it.");
            }

            if (file.Length > MaxLength)
            {
                return Refused($"The sealing key file {path} has {file.Length} bytes: that is no list of keys.");
            }

            content = File.ReadAllBytes(path);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return Refused($"The sealing key file {path} cannot be read by this user ({Environment.UserName}): {e.Message}");
        }

        return content.Length == SealingKey.Length ? new KeySealer([new SealingKey(content)], path) : Parse(content, path);
    }

    private static Outcome<KeySealer> Parse(byte[] content, string path)
    {
        var keys = new List<SealingKey>();
        var lines = new Dictionary<string, int>();
        var number = 0;
        foreach (var text in Encoding.ASCII.GetString(content).Split('\n'))
        {
            number++;
            var line = text.Trim();
            if (line.Length == 0 || line[0] == '#')
            {
                continue;
            }

            var key = new byte[SealingKey.Length + 1];
            if (!Convert.TryFromBase64String(line, key, out var length) || length != SealingKey.Length)
            {
                return Refused(
                    $"Line {number} of the sealing key file {path} is no key: a key is 32 bytes in base64, 44 characters. 'elysium-backend sealing-key' prints a new one.");
            }

            // Two lines of one key are a slip of whoever rotates it: one of them was meant to be another.
            if (!lines.TryAdd(Convert.ToBase64String(key.AsSpan(0, length)), number))
            {
                return Refused($"Line {number} of the sealing key file {path} is the same key as line {lines[Convert.ToBase64String(key.AsSpan(0, length))]}: remove one of them.");
            }

            keys.Add(new SealingKey(key.AsSpan(0, length)));
        }

        return keys.Count > 0 ? new KeySealer(keys, path) : Refused($"The sealing key file {path} holds no key. 'elysium-backend sealing-key' prints a line for it.");
    }

    private static async Task<bool> HoldsSealedAsync(ElysiumDatabase database, CancellationToken cancellationToken) =>
        await database.Networks.AnyAsync(cancellationToken) || await database.Authorities.AnyAsync(a => a.PrivateKeySealed != null, cancellationToken);

    private static Refusal Refused(string detail) => new("sealing_key", detail);
}

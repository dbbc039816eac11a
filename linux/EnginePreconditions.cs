using System.Globalization;

namespace Elysium.Linux;

/// <summary>What a userspace engine needs of the machine, checked before it starts: its own complaints would be in a log.</summary>
internal static class EnginePreconditions
{
    private const string TunDevice = "/dev/net/tun";
    private const int CAP_NET_ADMIN = 12;

    // Where packages put daemons; the PATH of a service or of sudo may lack them.
    private static readonly string[] UsualFolders = ["/usr/local/sbin", "/usr/local/bin", "/usr/sbin", "/usr/bin", "/sbin", "/bin"];

    /// <summary>Checks all of it and gives the program's path.</summary>
    /// <exception cref="WireGuardEngineException">Something is missing.</exception>
    public static string Check(string program)
    {
        var path = Find(program) ?? throw new WireGuardEngineException(
            EngineFailure.BinaryNotFound,
            $"The WireGuard engine '{program}' is not installed. Install it (Debian, Ubuntu: apt-get install wireguard-go).");
        if (!MayConfigureNetwork())
        {
            throw new WireGuardEngineException(
                EngineFailure.NotPermitted,
                "Configuring network interfaces needs CAP_NET_ADMIN. Run as root, or give a container --cap-add=NET_ADMIN.");
        }

        CheckTunDevice();
        return path;
    }

    private static string? Find(string program)
    {
        if (program.Contains('/'))
        {
            return File.Exists(program) ? program : null;
        }

        var folders = (Environment.GetEnvironmentVariable("PATH") ?? "").Split(':', StringSplitOptions.RemoveEmptyEntries);
        return folders.Concat(UsualFolders).Select(folder => Path.Join(folder, program)).FirstOrDefault(File.Exists);
    }

    // The effective set of this thread (capabilities(7)); a user namespace without rights over this network is refused later, by netlink.
    private static bool MayConfigureNetwork()
    {
        const string Field = "CapEff:";
        var line = File.ReadLines("/proc/thread-self/status").First(line => line.StartsWith(Field, StringComparison.Ordinal));
        return (ulong.Parse(line.AsSpan(Field.Length).Trim(), NumberStyles.HexNumber, CultureInfo.InvariantCulture) >> CAP_NET_ADMIN & 1) == 1;
    }

    private static void CheckTunDevice()
    {
        try
        {
            File.OpenHandle(TunDevice, FileMode.Open, FileAccess.ReadWrite, FileShare.ReadWrite).Dispose();
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            throw new WireGuardEngineException(
                EngineFailure.NoTunDevice,
                $"{TunDevice} cannot be opened ({exception.Message}). Load the module 'tun', or give a container --device {TunDevice}.",
                exception);
        }
    }
}

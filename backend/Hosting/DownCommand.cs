using Elysium.Backend.Hub;
using Elysium.Linux;
using Elysium.Linux.Firewall;

namespace Elysium.Backend.Hosting;

/// <summary><c>elysium-backend down</c>: removes the hub's interfaces and firewall rules, which a stopped backend leaves in place. Networks and peers stay.</summary>
internal static class DownCommand
{
    public static int Run(BackendOptions options, TimeProvider time)
    {
        if (!Directory.Exists(options.DataDirectory))
        {
            return Verbs.Fail($"There is no data folder {options.DataDirectory}. Set ELYSIUM_DATA_DIR.");
        }

        // Holding the folder proves that no backend runs that would put the interfaces back.
        var taken = DataDirectory.Take(options.DataDirectory);
        if (taken.Refusal is { } refusal)
        {
            return Verbs.Fail(refusal.Detail);
        }

        using var data = taken.Value;
        using var reconciler = options.Reconciler(data.Engines, time);
        var failed = 0;
        foreach (var name in reconciler.Owned)
        {
            try
            {
                Console.WriteLine(reconciler.Remove(name, CancellationToken.None) ? $"{name} removed" : $"{name} was gone already");
            }
            catch (Exception e) when (e is WireGuardEngineException or NetlinkException or IOException or UnauthorizedAccessException)
            {
                failed = Verbs.Fail($"{name} could not be removed: {e.Message}");
            }
        }

        try
        {
            // After the interfaces, so that none is without rules.
            if (failed == 0 && HubFirewall.Remove())
            {
                Console.WriteLine("firewall rules removed");
            }
        }
        catch (FirewallException e)
        {
            failed = Verbs.Fail($"The firewall's rules could not be removed: {e.Message}");
        }

        return failed;
    }
}

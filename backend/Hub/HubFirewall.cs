using Elysium.Linux;
using Elysium.Linux.Firewall;

namespace Elysium.Backend.Hub;

/// <summary>
/// Keeps the hub's rules as the networks ask: members reach each other and their hub, and nothing else by this machine. A network that is
/// gone while its interface still stands lets nothing through. What somebody changes is put back at the next look. Without rules the
/// interfaces work all the same, and the problem is told: refusing to serve would hurt more than what the rules keep out.
/// </summary>
internal sealed partial class HubFirewall(InterfaceReconciler reconciler, HubStatus status, ILogger<HubFirewall> logger) : IDisposable
{
    private Nftables? _nftables;
    private string _drops = "";

    /// <summary>One caller at a time. Before interfaces are made, so that they are never without rules.</summary>
    public void Look(IReadOnlyList<PlannedInterface> wanted)
    {
        try
        {
            FirewallInterface[] interfaces =
            [
                .. wanted.Where(w => !reconciler.IsForeign(w.Name)).Select(w => new FirewallInterface(w.Name, w.Prefixes)),
                .. reconciler.Owned.Except(wanted.Select(w => w.Name)).Select(name => new FirewallInterface(name, [])),
            ];
            _nftables ??= Nftables.Open();
            if (interfaces.Length > 0 && _nftables.Apply(new FirewallSpec(interfaces)))
            {
                LogSet(FirewallSpec.DefaultTable, string.Join(", ", interfaces.Select(i => i.Name)));
            }
            else if (interfaces.Length == 0 && Remove(_nftables))
            {
                LogRemoved(FirewallSpec.DefaultTable);
            }

            Tell(null);
            TellOfDrops(string.Join(", ", interfaces.Length > 0 ? _nftables.GetForwardDrops() : []));
        }
        catch (Exception e) when (e is FirewallException or NetlinkException or IOException)
        {
            Tell(e.Message);
        }
    }

    /// <summary>Removes the rules; false if there are none of ours.</summary>
    /// <exception cref="FirewallException">They do not go.</exception>
    public static bool Remove()
    {
        try
        {
            using var nftables = Nftables.Open();
            return Remove(nftables);
        }
        catch (FirewallException e) when (e.Failure == FirewallFailure.NotSupported)
        {
            return false;
        }
    }

    public void Dispose() => _nftables?.Dispose();

    private static bool Remove(Nftables nftables)
    {
        try
        {
            return nftables.Delete();
        }
        catch (FirewallException e) when (e.Failure is FirewallFailure.ForeignTable or FirewallFailure.NotSupported)
        {
            // Nothing of ours is wanted, and nothing of ours is there.
            return false;
        }
    }

    private void Tell(string? problem)
    {
        if (status.FirewallProblem == problem)
        {
            return;
        }

        status.FirewallProblem = problem;
        if (problem is null)
        {
            LogReady();
        }
        else
        {
            LogProblem(problem);
        }
    }

    // No problem by itself: whether one of its rules accepts members cannot be told from here.
    private void TellOfDrops(string drops)
    {
        if (drops != _drops && drops.Length > 0)
        {
            LogDrops(drops);
        }

        _drops = drops;
    }

    [LoggerMessage(
        Level = LogLevel.Warning,
        Message = "Another firewall drops forwarded packets that none of its rules accepts ({Chains}): members reach each other only if it accepts what comes in and goes out by their network's interface")]
    private partial void LogDrops(string chains);

    [LoggerMessage(Level = LogLevel.Information, Message = "Firewall: table inet {Table} set for {Interfaces}")]
    private partial void LogSet(string table, string interfaces);

    [LoggerMessage(Level = LogLevel.Information, Message = "Firewall: table inet {Table} removed")]
    private partial void LogRemoved(string table);

    [LoggerMessage(Level = LogLevel.Information, Message = "The firewall is as it should be again")]
    private partial void LogReady();

    [LoggerMessage(Level = LogLevel.Error, Message = "Firewall: {Problem} Until then members of networks reach whatever this machine routes to.")]
    private partial void LogProblem(string problem);
}

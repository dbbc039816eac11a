using System.Net;
using Elysium.Linux;

namespace Elysium.Lab;

/// <summary>
/// A small world of machines on one switch, made of network namespaces. Disposing it removes everything, whatever happened; what a
/// killed process could not dispose, the next lab sweeps.
/// </summary>
public sealed class Lab : IAsyncDisposable
{
    /// <summary>The environment variable that names a folder to copy every host's logs to before they are removed.</summary>
    public const string LogsVariable = "ELYSIUM_LAB_LOGS";

    // For benchmarks of networks (RFC 2544, RFC 5180): never a network of Elysium's, and never a real one.
    private static readonly IPAddress FirstAddress = IPAddress.Parse("198.18.0.0");
    private static readonly IPAddress FirstAddress6 = IPAddress.Parse("2001:2::");
    private const int PrefixLength = 24;
    private const int PrefixLength6 = 64;
    private const string SwitchHost = "switch";
    private const string SwitchLink = "switch0";
    private const string HostLink = "eth0";
    private const string Plug = "plug"; // the host's end of its cable, before it has its name
    private static int Count;

    private readonly LabName _name;
    private readonly Dictionary<string, LabHost> _hosts = [];
    private readonly NamespaceThread _switchThread;
    private bool _kept;

    private Lab(LabName name, NamespaceThread switchThread) => (_name, _switchThread) = (name, switchThread);

    /// <summary>Its name, with which those of its namespaces start.</summary>
    public string Name => _name.ToString();

    /// <summary>Its folder.</summary>
    public string Folder => Remains.FolderOf(_name);

    /// <summary>Its hosts.</summary>
    public IReadOnlyCollection<LabHost> Hosts => _hosts.Values;

    /// <summary>Makes an empty lab, with a switch.</summary>
    public static async Task<Lab> CreateAsync(CancellationToken cancellationToken = default)
    {
        cancellationToken.ThrowIfCancellationRequested();
        await Sweeper.SweepAsync();
        var name = new LabName(Owner.Current, Interlocked.Increment(ref Count));
        try
        {
            Directory.CreateDirectory(
                Remains.FolderOf(name), UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
            using var created = NetworkNamespace.Create(name.Namespace(SwitchHost));
            return new Lab(name, NamespaceThread.Start(created, MakeSwitch));
        }
        catch
        {
            await Remains.RemoveAsync(name);
            throw;
        }
    }

    /// <summary>Adds a machine to the switch.</summary>
    /// <param name="host">Its name: a DNS label of at most 15 characters, which is also the name of its port on the switch.</param>
    /// <param name="underlay">Its addresses on the switch.</param>
    public LabHost AddHost(string host, Underlay underlay = Underlay.IPv4)
    {
        var number = _hosts.Count + 1;
        var address = underlay.HasFlag(Underlay.IPv4) ? Numbered(FirstAddress, number) : null;
        var address6 = underlay.HasFlag(Underlay.IPv6) ? Numbered(FirstAddress6, number) : null;
        var folder = Path.Combine(Folder, host);
        foreach (var part in (string[])["home", "logs", "var-lib"])
        {
            Directory.CreateDirectory(Path.Combine(folder, part));
        }

        using var created = NetworkNamespace.Create(_name.Namespace(host));
        _switchThread.Run(() => PlugIn(host, created));
        var thread = NamespaceThread.Start(created, () =>
        {
            HostMounts.Set(Path.Combine(folder, "var-lib"));
            SetAddresses(address, address6);
        });
        var added = new LabHost(host, address, address6, folder, thread, up => SetPort(host, up));
        _hosts.Add(host, added);
        return added;
    }

    /// <summary>Lets the lab live on when this process ends: disposing only lets go of it.</summary>
    public void Keep()
    {
        Sweeper.Keep(_name);
        _kept = true;
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        if (!_kept)
        {
            await Remains.KillProcessesAsync(_name);
            SaveLogs();
        }

        foreach (var host in _hosts.Values)
        {
            host.Dispose();
        }

        _switchThread.Dispose();
        if (!_kept)
        {
            await Remains.RemoveAsync(_name);
        }
    }

    private static void MakeSwitch()
    {
        using var netlink = RouteNetlink.Open();
        netlink.CreateBridge(SwitchLink);
        netlink.SetUp(IndexOf(netlink, SwitchLink));
    }

    private static void PlugIn(string port, NetworkNamespace host)
    {
        using var netlink = RouteNetlink.Open();
        netlink.CreateVeth(port, Plug);
        netlink.MoveToNamespace(IndexOf(netlink, Plug), host);
        netlink.SetBridge(IndexOf(netlink, port), IndexOf(netlink, SwitchLink));
        netlink.SetUp(IndexOf(netlink, port));
    }

    private static IPAddress Numbered(IPAddress first, int number)
    {
        var bytes = first.GetAddressBytes();
        bytes[^1] = checked((byte)number);
        return new IPAddress(bytes);
    }

    private static void SetAddresses(IPAddress? address, IPAddress? address6)
    {
        using var netlink = RouteNetlink.Open();
        netlink.SetUp(IndexOf(netlink, "lo"));
        var index = IndexOf(netlink, Plug);
        netlink.Rename(index, HostLink);
        netlink.SetUp(index);
        if (address is not null)
        {
            netlink.AddAddress(index, address, PrefixLength);
        }

        if (address6 is not null)
        {
            netlink.AddAddress(index, address6, PrefixLength6);
        }
    }

    private static int IndexOf(RouteNetlink netlink, string link) =>
        netlink.FindLink(link)?.Index ?? throw new LabException($"There is no link {link}.");

    private void SetPort(string port, bool up) => _switchThread.Run(() =>
    {
        using var netlink = RouteNetlink.Open();
        var index = IndexOf(netlink, port);
        if (up)
        {
            netlink.SetUp(index);
        }
        else
        {
            netlink.SetDown(index);
        }
    });

    private void SaveLogs()
    {
        if (Environment.GetEnvironmentVariable(LogsVariable) is not { Length: > 0 } target)
        {
            return;
        }

        foreach (var host in _hosts.Values)
        {
            var copy = Directory.CreateDirectory(Path.Combine(target, Name, host.Name));
            foreach (var log in Directory.EnumerateFiles(host.Logs))
            {
                File.Copy(log, Path.Combine(copy.FullName, Path.GetFileName(log)), overwrite: true);
            }
        }
    }
}

using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Text;
using Elysium.Linux;
using Elysium.WireGuard;

namespace Elysium.Benchmarks.WireGuard;

/// <summary>
/// Sets, changes and reads a device with many peers, through the library in this process and by <c>wg</c>, and prints how the two
/// compare. Needs nothing else of the benchmarks, so that it can be linked into a program for a guest with another kernel.
/// </summary>
/// <remarks>
/// Ours is what a caller of the public API waits for, in this process, which is warm. Theirs is a whole <c>wg</c> process, from its start to
/// its end, as a user runs it, with its output on /dev/null and its file written beforehand. After every change the device is read and
/// compared with what it should be, which is not timed.
/// </remarks>
/// <param name="devices">What speaks to the device: of a userspace engine or of the kernel.</param>
/// <param name="name">The device, which exists; what it has goes.</param>
/// <param name="folder">Where a file for <c>wg</c> is written.</param>
/// <param name="peers">How many peers; at most 65,000.</param>
/// <param name="pairs">How many pairs are measured.</param>
internal sealed class DeviceFigures(IWireGuardDevices devices, string name, string folder, int peers, int pairs)
{
    private static readonly IpPrefix Home = IpPrefix.Parse("10.64.0.0/16");
    private static readonly IpPrefix Elsewhere = IpPrefix.Parse("10.65.0.0/16");

    private readonly string _file = Path.Join(folder, $"{name}.conf");
    private DeviceSpec _spec = new(PrivateKey.Generate(), 0, [.. Enumerable.Range(1, peers).Select(Peer)]);

    /// <summary>Measures all and prints.</summary>
    /// <param name="label">What stands before each figure's name.</param>
    public void Print(string label)
    {
        var processor = new List<double>();
        Print($"{label}set", Pairs.Measure(pairs, _ => Set(processor), _ => SetByWg()));
        Figures.Print($"{label}set_cpu_ms", Figures.Percentile(processor, 0.5));

        Print($"{label}change_one", Pairs.Measure(pairs, number => Change(number, readsFirst: false), ChangeByWg));
        Print($"{label}change_one_read", Pairs.Measure(pairs, number => Change(number, readsFirst: true), ChangeByWg));

        Print($"{label}read", Pairs.Measure(pairs, _ => Pairs.Time(() => Read()), _ => Pairs.Time(() => Run("wg", "show", name, "dump"))));
        Figures.Print($"{label}allocated_bytes_per_peer", AllocatedByRead() / peers, "0");
    }

    /// <summary>Measures another program that reads the device and ends, beside <c>wg show</c>, and prints.</summary>
    public void PrintRead(string label, params string[] command) =>
        Print(label, Pairs.Measure(pairs, _ => Pairs.Time(() => Run(command)), _ => Pairs.Time(() => Run("wg", "show", name, "dump"))));

    private static PeerSpec Peer(int number) => new(
        PrivateKey.Generate().PublicKey,
        [IpPrefix.Of(Home.AddressAt(number))],
        new IPEndPoint(new IPAddress([198, 51, (byte)(number >> 8), (byte)number]), 51820));

    private static void Print(string figure, Pairs pairs)
    {
        Figures.Print($"{figure}_ratio", pairs.Ratio, "0.000");
        Figures.Print($"{figure}_ms", pairs.Ours, "0.00");
        Figures.Print($"{figure}_wg_ms", pairs.Theirs, "0.00");
    }

    // The shell is there for the redirection alone, and becomes the program.
    private static void Run(params string[] command)
    {
        using var process = Process.Start("/bin/sh", ["-c", "exec \"$@\" > /dev/null", "sh", .. command]);
        process.WaitForExit();
        if (process.ExitCode != 0)
        {
            throw new InvalidOperationException($"'{string.Join(' ', command)}' ended with {process.ExitCode}.");
        }
    }

    private double Set(List<double> processor)
    {
        var empty = Empty();
        var before = Environment.CpuUsage.TotalTime;
        var took = Pairs.Time(() => devices.Apply(name, DeviceDiff.Between(_spec, empty, null)!));
        processor.Add((Environment.CpuUsage.TotalTime - before).TotalMilliseconds);
        Verify();
        return took;
    }

    private double SetByWg()
    {
        Empty();
        WriteFile();
        var took = Pairs.Time(() => Run("wg", "setconf", name, _file));
        Verify();
        return took;
    }

    private double Change(int number, bool readsFirst)
    {
        var known = readsFirst ? null : Read();
        var last = _spec;
        MoveOne(number);
        var took = Pairs.Time(() => devices.Apply(name, DeviceDiff.Between(_spec, known ?? Read(), last)!));
        Verify();
        return took;
    }

    private double ChangeByWg(int number)
    {
        MoveOne(number);
        WriteFile();
        var took = Pairs.Time(() => Run("wg", "syncconf", name, _file));
        Verify();
        return took;
    }

    // One peer gets another address, and its old one goes: an insertion and a removal.
    private void MoveOne(int number)
    {
        var changed = _spec.Peers.ToArray();
        ref var peer = ref changed[number * 7919 % peers];
        var address = peer.AllowedIps[0].Address;
        peer = peer with
        {
            AllowedIps = [IpPrefix.Of(Home.OffsetOf(address) is { } offset ? Elsewhere.AddressAt(offset) : Home.AddressAt(Elsewhere.OffsetOf(address)!.Value))],
        };
        _spec = _spec with { Peers = changed };
    }

    private double AllocatedByRead()
    {
        var before = GC.GetAllocatedBytesForCurrentThread();
        Read();
        return GC.GetAllocatedBytesForCurrentThread() - before;
    }

    private Device Read() => devices.Get(name) ?? throw new InvalidOperationException($"There is no device {name}.");

    private Device Empty()
    {
        devices.Apply(name, new DeviceUpdate(_spec.PrivateKey, null, null, [.. Read().Peers.Select(peer => new PeerUpdate(peer.PublicKey, Remove: true))]));
        return Read();
    }

    private void Verify()
    {
        if (DeviceDiff.Between(_spec, Read(), null) is { } difference)
        {
            throw new InvalidOperationException($"{name} is not what was set: {difference.Peers.Count} changes to peers are missing.");
        }
    }

    private void WriteFile()
    {
        var text = new StringBuilder($"[Interface]\nPrivateKey = {_spec.PrivateKey.ToBase64()}\n");
        foreach (var peer in _spec.Peers)
        {
            text.Append(CultureInfo.InvariantCulture, $"\n[Peer]\nPublicKey = {peer.PublicKey}\nAllowedIPs = {string.Join(", ", peer.AllowedIps)}\nEndpoint = {peer.Endpoint}\n");
        }

        File.WriteAllText(_file, text.ToString());
    }
}

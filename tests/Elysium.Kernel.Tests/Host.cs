using System.Diagnostics;
using System.Net;
using Elysium.Linux;

namespace Elysium.Kernel.Tests;

/// <summary>A machine of one test: a network namespace and a thread inside, with a /run of its own. It goes with the test.</summary>
internal sealed class Host : IDisposable
{
    private static int Made;

    private readonly NetworkNamespace _network = NetworkNamespace.Create($"host{++Made}");
    private readonly NamespaceThread _thread;

    public Host() => _thread = NamespaceThread.Start(_network, () =>
    {
        Mounts.Tmpfs("/run");
        Directory.CreateDirectory("/run/wireguard");
    });

    /// <summary>Two hosts on one wire: 192.0.2.1 and 192.0.2.2, 2001:db8::1 and 2001:db8::2, on <c>eth0</c>.</summary>
    public static (Host Left, Host Right) Pair()
    {
        var (left, right) = (new Host(), new Host());
        left.Do(() =>
        {
            using var netlink = RouteNetlink.Open();
            netlink.CreateVeth("eth0", "other");
            netlink.MoveToNamespace(netlink.FindLink("other")!.Index, right._network);
        });
        right.Do(() =>
        {
            using var netlink = RouteNetlink.Open();
            netlink.Rename(netlink.FindLink("other")!.Index, "eth0");
        });
        left.Address("eth0", "192.0.2.1", "2001:db8::1");
        right.Address("eth0", "192.0.2.2", "2001:db8::2");
        return (left, right);
    }

    public T Do<T>(Func<T> work) => _thread.Run(work);

    public void Do(Action work) => _thread.Run(work);

    /// <summary>Gives a link its addresses, /24 and /64, and switches it on.</summary>
    public void Address(string link, params string[] addresses) => Do(() =>
    {
        using var netlink = RouteNetlink.Open();
        var index = netlink.FindLink(link).ShouldNotBeNull().Index;
        foreach (var address in addresses.Select(IPAddress.Parse))
        {
            netlink.AddAddress(index, address, address.GetAddressBytes().Length == 4 ? 24 : 64);
        }

        netlink.SetUp(netlink.FindLink("lo").ShouldNotBeNull().Index);
        netlink.SetUp(index);
    });

    /// <summary>Runs a program to its end and gives its output; anything but exit code 0 is a failure.</summary>
    public string Run(string program, params string[] arguments) => Do(() =>
    {
        using var process = Process.Start(new ProcessStartInfo(program, arguments) { RedirectStandardOutput = true, RedirectStandardError = true }).ShouldNotBeNull();
        var errors = process.StandardError.ReadToEndAsync();
        var output = process.StandardOutput.ReadToEnd();
        process.WaitForExit();
        (process.ExitCode == 0).ShouldBeTrue($"{program} {string.Join(' ', arguments)}: {output}{errors.Result}");
        return output;
    });

    /// <summary>Until the first answer: a device starts no second handshake within 5 s.</summary>
    public void Ping(string address) => Run("ping", "-c", "1", "-w", "15", "-i", "0.2", address);

    public void Dispose()
    {
        _thread.Dispose();
        _network.Dispose();
        NetworkNamespace.Delete(_network.Name!);
    }
}

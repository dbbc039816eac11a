using System.Diagnostics;
using System.Text.Json;
using System.Text.Json.Nodes;
using Xunit.v3;

[assembly: Parallelization(Mode = Xunit.Sdk.ParallelMode.None)]

namespace Elysium.Linux.Tests;

/// <summary>
/// Network namespaces of one test, each with a thread inside that has a private /run/wireguard. All of it goes with the test,
/// engines included.
/// </summary>
internal sealed class Sandbox : IDisposable
{
    private static int Made;

    private readonly List<NamespaceThread> _hosts = [];
    private readonly List<NetworkNamespace> _namespaces = [];
    private readonly string _prefix;

    public Sandbox()
    {
        if (!Environment.IsPrivilegedProcess)
        {
            throw new InvalidOperationException("These tests make network namespaces: run them as root.");
        }

        Folder = Directory.CreateTempSubdirectory("elysium-linux-").FullName;
        _prefix = $"elt-{Environment.ProcessId}-{Interlocked.Increment(ref Made)}";
    }

    /// <summary>A folder that goes with the test.</summary>
    public string Folder { get; }

    public NetworkNamespace Namespace()
    {
        var made = Home.Run(() => NetworkNamespace.Create($"{_prefix}-{_namespaces.Count}"));
        _namespaces.Add(made);
        return made;
    }

    /// <summary>A thread in a namespace of its own.</summary>
    public NamespaceThread Host() => Host(Namespace());

    public NamespaceThread Host(NetworkNamespace network)
    {
        var sockets = Directory.CreateDirectory(Path.Join(Folder, $"sockets-{_hosts.Count}")).FullName;
        var host = Home.Run(() => NamespaceThread.Start(network, () =>
        {
            Mounts.Tmpfs("/run");
            Directory.CreateDirectory("/run/wireguard");
            Mounts.Bind(sockets, "/run/wireguard");
        }));
        _hosts.Add(host);
        return host;
    }

    /// <summary>Two hosts on one wire: 192.0.2.1 and 192.0.2.2 on <c>eth0</c>.</summary>
    public (NamespaceThread Left, NamespaceThread Right) Pair()
    {
        var (left, right) = (Host(), Host());
        left.Run(() =>
        {
            using var netlink = RouteNetlink.Open();
            netlink.CreateVeth("eth0", "other");
            netlink.MoveToNamespace(netlink.FindLink("other")!.Index, _namespaces[^1]);
            Configure(netlink, "eth0", "192.0.2.1");
        });
        right.Run(() =>
        {
            using var netlink = RouteNetlink.Open();
            netlink.Rename(netlink.FindLink("other")!.Index, "eth0");
            Configure(netlink, "eth0", "192.0.2.2");
        });
        return (left, right);
    }

    /// <summary>Runs a program where the calling thread is, and gives its output; anything but exit code 0 is a failure.</summary>
    public static string Run(string program, params string[] arguments)
    {
        var (exitCode, output) = TryRun(program, arguments);
        exitCode.ShouldBe(0, $"{program} {string.Join(' ', arguments)}: {output}");
        return output;
    }

    public static (int ExitCode, string Output) TryRun(string program, params string[] arguments)
    {
        using var process = Process.Start(new ProcessStartInfo(program, arguments) { RedirectStandardOutput = true, RedirectStandardError = true })!;
        var errors = "";

        // Not by the pool, which would start its threads here: see Home.
        var reader = new Thread(() => errors = process.StandardError.ReadToEnd());
        reader.Start();
        var output = process.StandardOutput.ReadToEnd();
        process.WaitForExit();
        reader.Join();
        return (process.ExitCode, output + errors);
    }

    /// <summary>What iproute2 says, as JSON.</summary>
    public static JsonArray Ip(params string[] arguments)
    {
        var output = Run("ip", ["-json", "-details", .. arguments]);
        return string.IsNullOrWhiteSpace(output) ? [] : JsonSerializer.Deserialize<JsonArray>(output)!;
    }

    public void Dispose()
    {
        var failures = _hosts.Select(EndEngines).OfType<Exception>().ToList();
        foreach (var made in _namespaces)
        {
            made.Dispose();
            Home.Run(() => NetworkNamespace.Delete(made.Name!));
        }

        Directory.Delete(Folder, recursive: true);
        if (failures.Count > 0)
        {
            throw new AggregateException(failures);
        }
    }

    // Whatever does not go must not keep the rest from going.
    private static Exception? EndEngines(NamespaceThread host)
    {
        try
        {
            // A vanished socket ends its engine.
            host.Run(() =>
            {
                foreach (var socket in Directory.GetFiles("/run/wireguard", "*.sock"))
                {
                    File.Delete(socket);
                }
            });
            Wait.Until(() => Processes.In(host, "wireguard-go").Count == 0, "an engine ends when its socket vanishes");
            return null;
        }
        catch (Exception exception)
        {
            foreach (var engine in Processes.In(host, "wireguard-go"))
            {
                TryRun("kill", "-9", engine);
            }

            return exception;
        }
        finally
        {
            host.Dispose();
        }
    }

    private static void Configure(RouteNetlink netlink, string name, string address)
    {
        var index = netlink.FindLink(name)!.Index;
        netlink.AddAddress(index, System.Net.IPAddress.Parse(address), 24);
        netlink.SetUp(netlink.FindLink("lo")!.Index);
        netlink.SetUp(index);
    }
}

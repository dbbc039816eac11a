using System.Diagnostics;
using System.Net;
using System.Net.Sockets;

namespace Elysium.Linux.Tests;

public sealed class NamespaceTests
{
    [Fact]
    public void A_named_namespace_is_one_of_ip_netns()
    {
        var name = $"elt-{Environment.ProcessId}-named";
        using (Home.Run(() => NetworkNamespace.Create(name)))
        {
            Home.Run(() => NetworkNamespace.Exists(name)).ShouldBeTrue();
            Sandbox.Run("ip", "netns", "list").ShouldContain(name);
            Sandbox.Run("ip", "netns", "exec", name, "ip", "-o", "link").ShouldNotContain("eth0");
            Should.Throw<IOException>(() => Home.Run(() => NetworkNamespace.Create(name)));
            Home.Run(() => NetworkNamespace.Exists(name)).ShouldBeTrue("a refused creation must not take the name away");
        }

        Home.Run(() => NetworkNamespace.Delete(name)).ShouldBeTrue();
        Home.Run(() => NetworkNamespace.Delete(name)).ShouldBeFalse();
        Sandbox.Run("ip", "netns", "list").ShouldNotContain(name);
        Should.Throw<IOException>(() => Home.Run(() => NetworkNamespace.Open(name)));
    }

    [Fact]
    public void One_made_by_ip_netns_can_be_opened_and_deleted()
    {
        var name = $"elt-{Environment.ProcessId}-foreign";
        Sandbox.Run("ip", "netns", "add", name);
        using (var opened = Home.Run(() => NetworkNamespace.Open(name)))
        {
            opened.Run(() => Sandbox.Ip("link").Count).ShouldBe(1);
        }

        Home.Run(() => NetworkNamespace.Delete(name)).ShouldBeTrue();
        Sandbox.Run("ip", "netns", "list").ShouldNotContain(name);
    }

    [Fact]
    public void Deleting_takes_the_links_along_even_when_a_thread_saw_the_name()
    {
        using var sandbox = new Sandbox();
        var (first, second) = (sandbox.Namespace(), sandbox.Namespace());
        using var watcher = sandbox.Namespace().Run(RouteNetlink.Open);
        using var outside = NamespaceThread.Start(null);
        first.Run(() =>
        {
            using var netlink = RouteNetlink.Open();
            netlink.CreateVeth("a", "b");
            netlink.MoveToNamespace(netlink.FindLink("b")!.Index, second);
        });

        // The thread's mount namespace holds a copy of the mount of 'first': it must not keep the namespace alive.
        first.Dispose();
        Home.Run(() => NetworkNamespace.Delete(first.Name!));
        using var remaining = second.Run(RouteNetlink.Open);
        Wait.Until(() => remaining.FindLink("b") is null, "the other end of a deleted namespace's veth is gone");
    }

    [Fact]
    public void A_child_sees_the_threads_network_and_its_private_mounts_and_nobody_else_does()
    {
        using var sandbox = new Sandbox();
        var host = sandbox.Host();
        host.Run(() => File.WriteAllText("/run/wireguard/mark", "inside"));
        host.Run(() => Sandbox.Run("cat", "/run/wireguard/mark")).ShouldBe("inside");
        host.Run(() => Sandbox.Run("readlink", "/proc/self/ns/net")).ShouldNotBe(Sandbox.Run("readlink", "/proc/self/ns/net"));
        File.Exists("/run/wireguard/mark").ShouldBeFalse();
        sandbox.Host().Run(() => File.Exists("/run/wireguard/mark")).ShouldBeFalse();
    }

    [Fact]
    public void A_thread_hands_back_results_and_exceptions_and_nests()
    {
        using var thread = NamespaceThread.Start(null);
        thread.Run(() => thread.Run(() => 42)).ShouldBe(42);
        Should.Throw<FileNotFoundException>(() => thread.Run(() => throw new FileNotFoundException("inside"))).Message.ShouldBe("inside");
        Should.Throw<IOException>(() => NamespaceThread.Start(null, () => Mounts.Tmpfs("/nowhere/at/all"))).HResult.ShouldBe(Errno.ENOENT);
    }

    [Fact]
    public async Task A_thread_that_is_disposed_of_from_inside_ends_after_its_work()
    {
        var thread = NamespaceThread.Start(null);
        var inside = Task.Run(() => thread.Run(() =>
        {
            thread.Dispose();
            return thread.Run(() => Thread.CurrentThread);
        }));
        var itself = await inside.WaitAsync(TimeSpan.FromSeconds(10));
        itself.Join(TimeSpan.FromSeconds(10)).ShouldBeTrue("nothing keeps it");
        thread.Dispose();
        thread.Dispose();
        Should.Throw<ObjectDisposedException>(() => thread.Run(() => 42));
    }

    [Fact]
    public void Kernel_parameters_are_those_of_the_namespace()
    {
        using var sandbox = new Sandbox();
        var before = Sysctl.Read("net/ipv4/ip_forward");
        sandbox.Host().Run(() =>
        {
            Sysctl.Write("net/ipv4/conf/lo/forwarding", "1").ShouldBe(SysctlOutcome.Changed);
            Sysctl.Write("net/ipv4/conf/lo/forwarding", "1").ShouldBe(SysctlOutcome.Unchanged);
            Sysctl.Read("net/ipv4/conf/lo/forwarding").ShouldBe("1");
            Sysctl.Write("net/ipv4/conf/nothing/forwarding", "1").ShouldBe(SysctlOutcome.Missing);
            Sysctl.Read("net/ipv4/conf/nothing/forwarding").ShouldBeNull();
        });
        Sysctl.Read("net/ipv4/ip_forward").ShouldBe(before);
        Sysctl.Read("net/ipv4/conf/lo/forwarding").ShouldBe(before);
    }

    [Fact]
    public async Task A_program_is_started_inside()
    {
        using var sandbox = new Sandbox();
        var network = sandbox.Namespace();
        using var program = network.Start(new ProcessStartInfo("readlink", ["/proc/self/ns/net"]) { RedirectStandardOutput = true });
        (await program.StandardOutput.ReadToEndAsync()).Trim().ShouldBe(network.Identity);
        await program.WaitForExitAsync();
        network.Identity.ShouldNotBe(Sandbox.Run("readlink", "/proc/self/ns/net").Trim());
        Should.Throw<System.ComponentModel.Win32Exception>(() => network.Start(new ProcessStartInfo("/nowhere/at/all")));
    }

    [Fact]
    public void The_namespace_of_a_process_can_be_opened()
    {
        using var sandbox = new Sandbox();
        var network = sandbox.Namespace();
        using var program = network.Start(new ProcessStartInfo("sleep", ["60"]));
        try
        {
            using var opened = NetworkNamespace.Of(program.Id);
            opened.Identity.ShouldBe(network.Identity);
            opened.Name.ShouldBeNull();
        }
        finally
        {
            program.Kill();
            program.WaitForExit();
        }
    }

    [Fact]
    public void One_without_a_name_goes_with_its_last_handle()
    {
        using var sandbox = new Sandbox();
        sandbox.Host().Run(() =>
        {
            using var netlink = RouteNetlink.Open();
            netlink.CreateVeth("near", "far");
            using (var unnamed = NetworkNamespace.CreateUnnamed())
            {
                netlink.MoveToNamespace(netlink.FindLink("far")!.Index, unnamed);
                unnamed.Run(() => Sandbox.Ip("link").Count).ShouldBe(2);
                netlink.FindLink("near").ShouldNotBeNull();
            }

            Wait.Until(() => netlink.FindLink("near") is null, "the other end of the veth is gone with the namespace");
        });
    }

    [Fact]
    public async Task Sockets_keep_the_namespace_they_were_made_in()
    {
        using var sandbox = new Sandbox();
        var network = sandbox.Namespace();
        using var server = network.Run(() =>
        {
            using var netlink = RouteNetlink.Open();
            netlink.SetUp(1);
            var listener = new Socket(AddressFamily.InterNetwork, SocketType.Dgram, ProtocolType.Udp);
            listener.Bind(new IPEndPoint(IPAddress.Loopback, 0));
            return listener;
        });

        // Both are used from threads that are elsewhere; only one of them was made inside. This thread may be one that the pool started
        // while another test was inside a namespace, which it then inherited; the process's first thread is at home.
        using var home = NetworkNamespace.Of(Environment.ProcessId);
        using var inside = network.Run(() => new Socket(AddressFamily.InterNetwork, SocketType.Dgram, ProtocolType.Udp));
        using var outside = home.Run(() => new Socket(AddressFamily.InterNetwork, SocketType.Dgram, ProtocolType.Udp));
        await outside.SendToAsync("outside"u8.ToArray(), server.LocalEndPoint!);
        await inside.SendToAsync("inside"u8.ToArray(), server.LocalEndPoint!);
        var received = new byte[100];
        using var deadline = new CancellationTokenSource(TimeSpan.FromSeconds(10));
        var length = await server.ReceiveAsync(received, deadline.Token);
        System.Text.Encoding.ASCII.GetString(received, 0, length).ShouldBe("inside");
        server.Available.ShouldBe(0);
    }
}

using Elysium.Lab;
using Elysium.Lab.Pinging;

namespace Elysium.EndToEnd.Tests.Lab;

/// <summary>The lab itself, before anything is believed that was seen in it.</summary>
public sealed class LabTests
{
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(10);

    [Fact]
    public async Task Hosts_of_a_lab_ping_each_other_until_a_cable_is_pulled()
    {
        await using var lab = await Elysium.Lab.Lab.CreateAsync();
        var (alice, bob) = (lab.AddHost("alice"), lab.AddHost("bob"));
        await alice.ReachesAsync(bob.Address.ToString(), Limit);
        await bob.ReachesAsync(alice.Address.ToString(), Limit);

        bob.Disconnect();
        await alice.IsCutOffFromAsync(bob.Address.ToString(), Limit);

        bob.Connect();
        await alice.ReachesAsync(bob.Address.ToString(), Limit);
    }

    [Fact]
    public async Task Two_labs_know_nothing_of_each_other()
    {
        await using var first = await Elysium.Lab.Lab.CreateAsync();
        await using var second = await Elysium.Lab.Lab.CreateAsync();
        var here = first.AddHost("alice");
        second.AddHost("alice");
        var there = second.AddHost("bob");

        (await here.AnswersAsync(there.Address.ToString())).ShouldBeFalse();
    }

    [Fact]
    public async Task Plain_paths_are_each_hosts_own_and_none_is_the_real_machines()
    {
        await using var lab = await Elysium.Lab.Lab.CreateAsync();
        var (alice, bob) = (lab.AddHost("alice"), lab.AddHost("bob"));
        foreach (var host in (LabHost[])[alice, bob])
        {
            var written = await host.RunAsync(
                "sh", ["-c", "mkdir -p /var/run/wireguard /var/lib/elysium && echo $0 | tee /run/wireguard/who /var/lib/elysium/who", host.Name]);
            written.Succeeded();
        }

        (await alice.RunAsync("cat", ["/run/wireguard/who", "/var/lib/elysium/who"])).Output.ShouldBe("alice\nalice\n");
        (await bob.RunAsync("cat", ["/run/wireguard/who", "/var/lib/elysium/who"])).Output.ShouldBe("bob\nbob\n");
        File.ReadAllText(Path.Combine(alice.VarLib, "elysium", "who")).ShouldBe("alice\n");
        File.Exists("/run/wireguard/who").ShouldBeFalse();
        File.Exists("/var/lib/elysium/who").ShouldBeFalse();
    }

    [Fact]
    public async Task A_command_gives_its_exit_code_output_and_errors_and_reads_its_input()
    {
        await using var lab = await Elysium.Lab.Lab.CreateAsync();
        var result = await lab.AddHost("alice").RunAsync("sh", ["-c", "cat; echo oh >&2; exit 3"], input: "hello\n");

        result.ExitCode.ShouldBe(3);
        result.Output.ShouldBe("hello\n");
        result.Errors.ShouldBe("oh\n");
    }

    [Fact]
    public async Task A_command_that_takes_too_long_is_killed()
    {
        await using var lab = await Elysium.Lab.Lab.CreateAsync();
        var host = lab.AddHost("alice");
        await Should.ThrowAsync<TimeoutException>(() => host.RunAsync("sleep", ["600"], limit: TimeSpan.FromMilliseconds(300)));
        await Eventually.HoldsAsync("sleep is gone", Limit, () => Task.FromResult(host.ProcessIds("sleep").Count == 0));
    }

    [Fact]
    public async Task Disposing_ends_every_process_also_those_that_left_their_parents_and_removes_every_name()
    {
        int[] processes;
        var lab = await Elysium.Lab.Lab.CreateAsync();
        await using (lab)
        {
            var host = lab.AddHost("alice");
            await host.StartAsync("sleep", ["600"]);
            (await host.RunAsync("sh", ["-c", "setsid sleep 600 </dev/null >/dev/null 2>&1 & exit 0"])).Succeeded();
            await Eventually.HoldsAsync("both sleep", Limit, () => Task.FromResult(host.ProcessIds("sleep").Count == 2));
            processes = [.. host.ProcessIds("sleep")];
            Namespaces(lab.Name).Count.ShouldBe(2);
        }

        processes.ShouldAllBe(static id => !IsRunning(id));
        Namespaces(lab.Name).ShouldBeEmpty();
        Directory.Exists(lab.Folder).ShouldBeFalse();
    }

    [Fact]
    public async Task A_host_that_could_not_be_made_leaves_nothing_behind()
    {
        var lab = await Elysium.Lab.Lab.CreateAsync();
        await using (lab)
        {
            lab.AddHost("alice");
            Should.Throw<IOException>(() => lab.AddHost("alice"));
            Should.Throw<Exception>(() => lab.AddHost("a-name-that-no-link-can-have"));
        }

        Namespaces(lab.Name).ShouldBeEmpty();
        Directory.Exists(lab.Folder).ShouldBeFalse();
    }

    internal static List<string> Namespaces(string lab) =>
        [.. Directory.EnumerateFiles("/run/netns").Where(path => Path.GetFileName(path).StartsWith(lab, StringComparison.Ordinal))];

    // A killed process that nobody reaped is still listed, without a command line.
    internal static bool IsRunning(int id) => File.Exists($"/proc/{id}/cmdline") && File.ReadAllText($"/proc/{id}/cmdline").Length > 0;
}

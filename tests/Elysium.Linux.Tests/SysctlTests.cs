namespace Elysium.Linux.Tests;

public sealed class SysctlTests
{
    private const string Forwarding = "net/ipv4/conf/lo/forwarding";

    [Fact]
    public void Every_parameter_of_ours_is_set_and_given_back_by_another_run()
    {
        using var sandbox = new Sandbox();
        sandbox.Host().Run(() =>
        {
            var file = Path.Join(sandbox.Folder, "journal.json");
            (string Name, string Value)[] wanted =
            [
                (NetworkParameter.IPv4Forwarding, "1"),
                (NetworkParameter.IPv6Forwarding, "1"),
                (NetworkParameter.SourceValidMark, "1"),
                (NetworkParameter.ReversePathFilterOf("lo"), "2"),
                (NetworkParameter.SendRedirectsOf(NetworkParameter.All), "0"),
                (NetworkParameter.SendRedirectsOf("lo"), "0"),
                (NetworkParameter.IPv4ForwardingOf("lo"), "0"),
                (NetworkParameter.IPv6ForwardingOf("lo"), "0"),
            ];
            var before = wanted.Select(parameter => Sysctl.Read(parameter.Name)).ToList();
            var journal = SysctlJournal.Open(file);
            foreach (var (name, value) in wanted)
            {
                var report = journal.Set(name, value);
                report.IsAsWanted.ShouldBeTrue(report.ToString());
                Sysctl.Read(name).ShouldBe(value);
                Sandbox.Run("sysctl", "-n", name).Trim().ShouldBe(value);
            }

            File.GetUnixFileMode(file).ShouldBe(UnixFileMode.UserRead | UnixFileMode.UserWrite);
            SysctlJournal.Open(file).Restore().ShouldAllBe(report => report.IsAsWanted);
            wanted.Select(parameter => Sysctl.Read(parameter.Name)).ShouldBe(before);
            File.Exists(file).ShouldBeFalse();
            SysctlJournal.Open(file).Restore().ShouldBeEmpty();
        });
    }

    [Fact]
    public void The_first_value_is_the_one_that_comes_back()
    {
        using var sandbox = new Sandbox();
        sandbox.Host().Run(() =>
        {
            var name = NetworkParameter.ReversePathFilterOf("lo");
            var before = Sysctl.Read(name)!;
            var file = Path.Join(sandbox.Folder, "journal.json");
            foreach (var value in new[] { "2", "1", "0", "2" })
            {
                SysctlJournal.Open(file).Set(name, value).IsAsWanted.ShouldBeTrue();
            }

            SysctlJournal.Open(file).Changes.ShouldHaveSingleItem().Before.ShouldBe(before);
            SysctlJournal.Open(file).Restore();
            Sysctl.Read(name).ShouldBe(before);
        });
    }

    [Fact]
    public void What_somebody_else_changed_since_is_left_to_them()
    {
        using var sandbox = new Sandbox();
        sandbox.Host().Run(() =>
        {
            var name = NetworkParameter.ReversePathFilterOf("lo");
            var journal = SysctlJournal.Open(Path.Join(sandbox.Folder, "journal.json"));
            journal.Set(name, "2");
            Sandbox.Run("sysctl", "-qw", $"{name}=1");
            journal.Restore().ShouldBeEmpty();
            Sysctl.Read(name).ShouldBe("1");
            journal.Changes.ShouldBeEmpty();
        });
    }

    [Fact]
    public void A_record_of_another_namespace_waits_and_one_of_another_boot_is_forgotten()
    {
        using var sandbox = new Sandbox();
        var (first, second) = (sandbox.Host(), sandbox.Host());
        var file = Path.Join(sandbox.Folder, "journal.json");
        first.Run(() => SysctlJournal.Open(file).Set(Forwarding, "1"));
        second.Run(() =>
        {
            Sysctl.Write(Forwarding, "1");
            SysctlJournal.Open(file).Restore().ShouldBeEmpty();
            Sysctl.Read(Forwarding).ShouldBe("1");
        });
        File.Exists(file).ShouldBeTrue();

        var record = SysctlJournal.Open(file).Changes.ShouldHaveSingleItem();
        File.WriteAllText(file, File.ReadAllText(file).Replace(record.Boot, "another", StringComparison.Ordinal));
        first.Run(() => SysctlJournal.Open(file).Restore()).ShouldBeEmpty();
        first.Run(() => Sysctl.Read(Forwarding)).ShouldBe("1");
        File.Exists(file).ShouldBeFalse();
    }

    [Fact]
    public void A_link_that_went_takes_its_parameters_along()
    {
        using var sandbox = new Sandbox();
        sandbox.Host().Run(() =>
        {
            using var netlink = RouteNetlink.Open();
            netlink.CreateBridge("switch");
            var journal = SysctlJournal.Open(Path.Join(sandbox.Folder, "journal.json"));
            journal.Set(NetworkParameter.IPv4ForwardingOf("switch"), "1").IsAsWanted.ShouldBeTrue();
            netlink.DeleteLink(netlink.FindLink("switch")!.Index);
            journal.Restore().ShouldBeEmpty();
            journal.Changes.ShouldBeEmpty();
        });
    }

    [Fact]
    public void A_read_only_proc_sys_is_told_in_words_and_leaves_no_record()
    {
        using var sandbox = new Sandbox();
        sandbox.Host().Run(() =>
        {
            Sandbox.Run("mount", "-o", "bind,ro", "/proc/sys", "/proc/sys");
            var journal = SysctlJournal.Open(Path.Join(sandbox.Folder, "journal.json"));
            var report = journal.Set(Forwarding, "1");
            report.Outcome.ShouldBe(SysctlOutcome.Refused);
            report.Refusal.ShouldBe(Errno.EROFS);
            report.ToString().ShouldContain("read-only");
            report.ToString().ShouldContain(Forwarding);
            journal.Changes.ShouldBeEmpty();
            Directory.GetFiles(sandbox.Folder, "journal*").ShouldBeEmpty();
            journal.Set(Forwarding, "0").Outcome.ShouldBe(SysctlOutcome.Unchanged);
        });
    }

    [Fact]
    public void What_became_read_only_since_is_kept_for_another_time()
    {
        using var sandbox = new Sandbox();
        sandbox.Host().Run(() =>
        {
            var file = Path.Join(sandbox.Folder, "journal.json");
            SysctlJournal.Open(file).Set(Forwarding, "1");
            Sandbox.Run("mount", "-o", "bind,ro", "/proc/sys", "/proc/sys");
            SysctlJournal.Open(file).Restore().ShouldHaveSingleItem().Outcome.ShouldBe(SysctlOutcome.Refused);
            Sandbox.Run("umount", "/proc/sys");
            SysctlJournal.Open(file).Restore().ShouldHaveSingleItem().Outcome.ShouldBe(SysctlOutcome.Changed);
            Sysctl.Read(Forwarding).ShouldBe("0");
        });
    }

    [Fact]
    public void A_missing_parameter_a_value_that_is_none_and_a_name_that_leads_elsewhere_are_told_apart()
    {
        using var sandbox = new Sandbox();
        sandbox.Host().Run(() =>
        {
            Sysctl.Set("net/ipv4/conf/nothing/forwarding", "1").ToString().ShouldContain("no such parameter");
            var refused = Sysctl.Set(Forwarding, "yes please");
            refused.Outcome.ShouldBe(SysctlOutcome.Refused);
            refused.Refusal.ShouldBe(Errno.EINVAL);
            Should.Throw<ArgumentException>(() => Sysctl.Read("../etc/passwd"));
            Should.Throw<ArgumentException>(() => Sysctl.Write("/etc/passwd", "1"));
            Should.Throw<ArgumentException>(() => Sysctl.Read("net//ipv4"));
        });
    }

    [Theory]
    [InlineData("")]
    [InlineData("{")]
    [InlineData("""[{"name":"net/ipv4/ip_forward"}]""")]
    [InlineData("""[null]""")]
    [InlineData("""{"name":1}""")]
    public void A_file_that_is_no_record_is_never_applied(string content)
    {
        using var sandbox = new Sandbox();
        var file = Path.Join(sandbox.Folder, "journal.json");
        File.WriteAllText(file, content);
        Should.Throw<InvalidDataException>(() => SysctlJournal.Open(file)).Message.ShouldContain(file);
        File.ReadAllText(file).ShouldBe(content);
    }
}

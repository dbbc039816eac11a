using Elysium.Contracts;
using Elysium.Lab;
using Elysium.Lab.Pinging;
using Elysium.Lab.Postgres;
using Elysium.Lab.Product;

namespace Elysium.EndToEnd.Tests.Faults;

/// <summary>
/// What happens to PostgreSQL while a hundred machines a second join and two others talk to each other. Whatever it was: who was told that it is a
/// peer is one, once; nobody else is; the maps become the same again; and not one packet between the two is lost.
/// </summary>
public sealed class DatabaseFaultTests : IAsyncLifetime
{
    private static readonly TimeSpan Recovery = TimeSpan.FromSeconds(60);

    private Installation _installation = null!;
    private NetworkResponse _network = null!;
    private MachineHost[] _machines = null!;
    private LabHost _crowd = null!;
    private string _code = null!;

    private BackendHost Backend => _installation.Backend;

    private PostgresServer Database => _installation.Database!;

    public async ValueTask InitializeAsync()
    {
        _installation = await Installation.StartWithPostgresAsync(new PostgresOptions());
        _network = await Backend.CreateNetworkAsync("busy", "10.64.0.0/16");
        _machines = [await _installation.AddJoinedAsync("one", _network.Name), await _installation.AddJoinedAsync("two", _network.Name)];
        _crowd = _installation.Lab.AddHost("crowd");
        _code = await Backend.CreateJoinCodeAsync(_network.Name, uses: 50_000);
    }

    public ValueTask DisposeAsync() => _installation?.DisposeAsync() ?? ValueTask.CompletedTask;

    [Fact]
    public Task PostgreSQL_is_stopped_for_thirty_seconds() => UnderLoadAsync(async newcomers =>
    {
        await Database.StopAsync();
        await Task.Delay(TimeSpan.FromSeconds(15), TimeProvider.System);

        // It says so, to operators and to machines, and holds on to what it has.
        var refused = await Backend.AdminAsync(["network", "list"]);
        refused.ExitCode.ShouldNotBe(0);
        refused.Errors.ShouldContain("database");
        await StaleSinceAsync(isStale: true);
        await Task.Delay(TimeSpan.FromSeconds(15), TimeProvider.System);
        newcomers.Failures.ShouldBeGreaterThan(0);

        await Database.StartAsync();
        await StaleSinceAsync(isStale: false);
    });

    [Fact]
    public Task PostgreSQL_is_killed_three_times() => UnderLoadAsync(async newcomers =>
    {
        for (var time = 0; time < 3; time++)
        {
            await Database.KillAsync();
            await Database.StartAsync();
            await newcomers.JoinAsync(100, Recovery);
        }
    });

    [Fact]
    public Task The_way_to_PostgreSQL_is_cut_for_twenty_seconds() => UnderLoadAsync(async newcomers =>
    {
        _installation.DatabaseHost.Disconnect();
        await Task.Delay(TimeSpan.FromSeconds(20), TimeProvider.System);
        _installation.DatabaseHost.Connect();
        await newcomers.JoinAsync(100, Recovery);
    });

    [Fact]
    public Task Other_programs_take_every_connection_that_PostgreSQL_has() => UnderLoadAsync(async newcomers =>
    {
        // As good as no connection left: the server counts its own superuser's reserve only.
        await Database.ExecuteAsync("ALTER ROLE elysium CONNECTION LIMIT 0; SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE usename = 'elysium';");
        await Eventually.HoldsAsync("enrolments fail", Expect.Soon, () => Task.FromResult(newcomers.Failures > 0));
        await Database.ExecuteAsync("ALTER ROLE elysium CONNECTION LIMIT -1");
        await newcomers.JoinAsync(100, Recovery);
    });

    [Fact]
    public Task The_backend_is_killed_between_a_commit_and_its_answer() => UnderLoadAsync(async newcomers =>
    {
        // A commit now waits for a standby that there is not: it is done, and is not answered.
        await Database.ExecuteAsync("ALTER SYSTEM SET synchronous_standby_names = 'nobody';\nSELECT pg_reload_conf();");
        await Eventually.HoldsAsync(
            "a commit is not answered",
            Expect.Soon,
            async () => await Database.ExecuteAsync("SELECT count(*) FROM pg_stat_activity WHERE usename = 'elysium' AND wait_event = 'SyncRep'") != "0");
        var told = newcomers.Joined.Count;
        await Backend.KillAsync();
        await Database.ExecuteAsync("ALTER SYSTEM RESET synchronous_standby_names;\nSELECT pg_reload_conf();");

        await Eventually.HoldsAsync(
            "more are peers than were told so",
            Expect.Soon,
            async () => long.Parse(await Database.ExecuteAsync("SELECT count(*) FROM peers", BackendDatabase.Name)) > told + _machines.Length);
        await Backend.StartAsync();
    });

    /// <summary>The fault, with machines joining before, during and after it; then everything must be as it should.</summary>
    private async Task UnderLoadAsync(Func<Newcomers, Task> fault)
    {
        var there = await ContinuousPing.StartAsync(_machines[0].Host, await Backend.AddressOfAsync(_network, _machines[1]));
        var back = await ContinuousPing.StartAsync(_machines[1].Host, await Backend.AddressOfAsync(_network, _machines[0]));
        await using (var newcomers = Newcomers.Start(_crowd, _code))
        {
            await newcomers.JoinAsync(200, Recovery);
            await fault(newcomers);
            await newcomers.JoinAsync(200, Recovery);
            await newcomers.EndAsync(Recovery);
            await Backend.BalanceAsync(_network, newcomers, _code, others: _machines.Length);
        }

        await _installation.HaveNoGapAsync(_network);
        await Backend.ConvergeAsync(_network, _machines);
        await Backend.StandOnTheHubAsync(_network);
        (await there.StopAsync()).Lost.ShouldBeEmpty();
        (await back.StopAsync()).Lost.ShouldBeEmpty();
    }

    private Task StaleSinceAsync(bool isStale) => Eventually.HoldsAsync(
        $"a machine {(isStale ? "says since when" : "no longer says that")} its backend is stale",
        Expect.Soon,
        async () => (await _machines[0].StatusOfAsync(_network))?.GetProperty("backendStaleSince").ValueKind == (isStale ? System.Text.Json.JsonValueKind.String : System.Text.Json.JsonValueKind.Null));
}

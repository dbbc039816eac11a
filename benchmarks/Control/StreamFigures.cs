using System.Globalization;
using Elysium.Lab;

namespace Elysium.Benchmarks.Control;

/// <summary>What a stream costs, and how soon the last of thousands hears of a change.</summary>
internal static class StreamFigures
{
    private const int Few = 1_000;
    private const int Many = 5_000;
    private const int Rounds = 30;
    private const int JoinsPerSecond = 50;

    public static async Task PrintAsync(ControlPlane plane, int most, CancellationToken cancellationToken)
    {
        await plane.EnsureEnrolledAsync(most, cancellationToken);

        // Its memory would else be what the enrolments left.
        Progress.Say("the backend starts anew");
        await plane.RestartAsync(kill: false, cancellationToken);
        await PrintMemoryAsync(plane, Math.Min(Few, most / 2), Math.Min(Many, most), cancellationToken);
        foreach (var streams in (int[])[.. new[] { Many, 10_000, 2_000 }.Where(streams => streams <= most)])
        {
            await plane.OpenAsync(streams, cancellationToken);
            await PrintPropagationAsync(plane, streams, 0, cancellationToken);
            if (streams <= Many)
            {
                await PrintPropagationAsync(plane, streams, JoinsPerSecond, cancellationToken);
            }

            await CheckAsync(plane, streams, cancellationToken);
        }

        await plane.OpenAsync(0, cancellationToken);
    }

    private static async Task PrintMemoryAsync(ControlPlane plane, int few, int many, CancellationToken cancellationToken)
    {
        var ours = await GrowthAsync(plane, plane.Id, few, many, cancellationToken);
        Figures.Print("kib_per_session", ours);
        await plane.OpenAsync(0, cancellationToken);

        await using var bare = await BareProcess.StartAsync(plane.Host, cancellationToken);
        await plane.Load.DoAsync($"target {bare.Url} {bare.RootFile}", cancellationToken);
        var theirs = await GrowthAsync(plane, bare.Id, few, many, cancellationToken);
        await plane.OpenAsync(0, cancellationToken);
        await plane.JoinTargetAsync(cancellationToken);
        Figures.Print("bare_kib_per_session", theirs);
        Figures.Print("kib_ratio", ours / theirs, "0.00");
    }

    private static async Task<double> GrowthAsync(ControlPlane plane, int process, int few, int many, CancellationToken cancellationToken)
    {
        await plane.OpenAsync(few, cancellationToken);
        var before = await ProcessUse.SettledKibibytesAsync(process, cancellationToken);
        var cpu = ProcessUse.CpuMilliseconds(process);
        var figures = await plane.OpenAsync(many, cancellationToken);
        Console.Error.WriteLine(string.Create(
            CultureInfo.InvariantCulture,
            $"  {(many - few) / figures["seconds"]:0} streams a second, {(ProcessUse.CpuMilliseconds(process) - cpu) / (many - few):0.00} ms of processor each"));
        var after = await ProcessUse.SettledKibibytesAsync(process, cancellationToken);
        return (after - before) / (many - few);
    }

    private static async Task PrintPropagationAsync(ControlPlane plane, int streams, int joinsPerSecond, CancellationToken cancellationToken)
    {
        Progress.Say($"{Rounds} changes at {streams} streams, {joinsPerSecond} joins a second besides");
        var (cpu, load, start) = (ProcessUse.CpuMilliseconds(plane.Id), ProcessUse.CpuMilliseconds(plane.Load.Process.Id), TimeProvider.System.GetTimestamp());
        var figures = await plane.Load.DoAsync(string.Create(CultureInfo.InvariantCulture, $"change {Rounds} {joinsPerSecond}"), cancellationToken);
        var elapsed = TimeProvider.System.GetElapsedTime(start).TotalMilliseconds;
        plane.AlsoJoined((int)figures["joined"]);
        var suffix = string.Create(CultureInfo.InvariantCulture, $"{streams}{(joinsPerSecond > 0 ? "_joins" : "")}");
        Figures.Print($"propagation_p50_ms_{suffix}", figures["p50"]);
        Figures.Print($"propagation_p99_ms_{suffix}", figures["p99"]);
        Figures.Print($"propagation_from_answer_p99_ms_{suffix}", figures["answer_p99"]);
        Figures.Print($"backend_busy_percent_{suffix}", 100 * (ProcessUse.CpuMilliseconds(plane.Id) - cpu) / elapsed, "0");
        Figures.Print($"load_busy_percent_{suffix}", 100 * (ProcessUse.CpuMilliseconds(plane.Load.Process.Id) - load) / elapsed, "0");
    }

    /// <summary>No stream was ever behind itself, and all of them are where the network is.</summary>
    public static async Task CheckAsync(ControlPlane plane, int streams, CancellationToken cancellationToken)
    {
        var head = (await plane.NetworkAsync(cancellationToken)).Version;
        IReadOnlyDictionary<string, double> state = new Dictionary<string, double>();
        await Eventually.HoldsAsync($"all {streams} streams hold version {head}", TimeSpan.FromSeconds(10), async () =>
        {
            state = await plane.Load.DoAsync("state", cancellationToken);
            return state["least_version"] == head && state["live"] == streams;
        }, cancellationToken);
        if (state["backwards"] > 0 || state["version"] != head)
        {
            throw new LabException($"Streams went back {state["backwards"]} times; the highest version of a stream is {state["version"]}, the network's {head}.");
        }
    }
}

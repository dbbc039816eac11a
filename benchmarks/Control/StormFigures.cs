using System.Globalization;

namespace Elysium.Benchmarks.Control;

/// <summary>How long it takes until all agents are back after a restart.</summary>
internal static class StormFigures
{
    public static async Task PrintAsync(ControlPlane plane, int sessions, CancellationToken cancellationToken)
    {
        await plane.EnsureEnrolledAsync(sessions, cancellationToken);
        await plane.OpenAsync(sessions, cancellationToken);
        await MeasureAsync(plane, sessions, kill: false, cancellationToken);
        await MeasureAsync(plane, sessions, kill: true, cancellationToken);
        await StreamFigures.CheckAsync(plane, sessions, cancellationToken);
        await plane.OpenAsync(0, cancellationToken);
    }

    private static async Task MeasureAsync(ControlPlane plane, int sessions, bool kill, CancellationToken cancellationToken)
    {
        Progress.Say($"the backend is {(kill ? "killed" : "stopped")} under {sessions} sessions, and started");
        var before = await plane.Load.DoAsync("state", cancellationToken);
        var load = ProcessUse.CpuMilliseconds(plane.Load.Process.Id);
        var (stopped, started) = await plane.RestartAsync(kill, cancellationToken);
        var figures = await plane.Load.DoAsync(string.Create(CultureInfo.InvariantCulture, $"return {stopped}"), cancellationToken);

        Console.Error.Write(plane.Load.TakeErrors());

        // Both moments are of the machine's monotonic clock.
        var down = TimeProvider.System.GetElapsedTime(stopped, started).TotalSeconds;
        var suffix = kill ? "_killed" : "";
        Figures.Print($"reconnect_storm_s{suffix}", figures["last"] - down);
        Figures.Print($"reconnect_storm_from_stop_s{suffix}", figures["last"]);
        Figures.Print($"reconnect_storm_median_s{suffix}", figures["p50"] - down);
        Figures.Print($"reconnect_bytes_per_session{suffix}", (figures["bytes"] - before["bytes"]) / sessions, "0");
        Figures.Print($"reconnect_attempts_per_session{suffix}", (figures["attempts"] - before["attempts"]) / sessions, "0.00");
        Figures.Print($"reconnect_backend_cpu_ms{suffix}", ProcessUse.CpuMilliseconds(plane.Id) / sessions, "0.00");
        Figures.Print($"reconnect_load_cpu_ms{suffix}", (ProcessUse.CpuMilliseconds(plane.Load.Process.Id) - load) / sessions, "0.00");
    }
}

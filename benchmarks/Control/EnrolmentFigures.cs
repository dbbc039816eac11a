namespace Elysium.Benchmarks.Control;

/// <summary>How many machines join in a second, and what each costs.</summary>
internal static class EnrolmentFigures
{
    private const int Clients = 32;
    private const int WarmUp = 1_000;
    private const int NewConnections = 2_000;
    private const int KeptConnections = 6_000;

    public static async Task PrintAsync(ControlPlane plane, CancellationToken cancellationToken)
    {
        Progress.Say("keys and certificate requests");
        await plane.PrepareAsync((2 * WarmUp) + NewConnections + KeptConnections, cancellationToken);

        // The first are not measured: the backend compiles its code then, and goes on with that in the background for a while.
        await plane.EnrolAsync(WarmUp, Clients, kept: false, cancellationToken);
        await plane.EnrolAsync(WarmUp, Clients, kept: true, cancellationToken);
        await ProcessUse.IdleAsync(plane.Id, cancellationToken);
        await MeasureAsync(plane, NewConnections, kept: false, cancellationToken);
        await MeasureAsync(plane, KeptConnections, kept: true, cancellationToken);
    }

    private static async Task MeasureAsync(ControlPlane plane, int machines, bool kept, CancellationToken cancellationToken)
    {
        Progress.Say($"{machines} enrolments, {(kept ? "connections kept" : "each with a new connection")}");
        var before = Cpu(plane);
        var figures = await plane.EnrolAsync(machines, Clients, kept, cancellationToken);
        var used = Cpu(plane).Zip(before, (after, earlier) => (after - earlier) / machines).ToArray();

        var suffix = kept ? "_keepalive" : "";
        Figures.Print($"enrolments_per_second{suffix}", figures["per_second"]);
        Figures.Print($"enrol_p50_ms{suffix}", figures["p50"]);
        Figures.Print($"enrol_p99_ms{suffix}", figures["p99"]);
        Figures.Print($"backend_cpu_ms_per_enrolment{suffix}", used[0], "0.00");
        Figures.Print($"wireguard_cpu_ms_per_enrolment{suffix}", used[1], "0.00");
        Figures.Print($"postgres_cpu_ms_per_enrolment{suffix}", used[2], "0.00");
        Figures.Print($"load_cpu_ms_per_enrolment{suffix}", used[3], "0.00");
    }

    private static double[] Cpu(ControlPlane plane) =>
    [
        ProcessUse.CpuMilliseconds(plane.Id),
        ProcessUse.CpuMilliseconds(plane.Host.ProcessIds("wireguard-go")),
        ProcessUse.CpuMilliseconds(plane.Database.Processes),
        ProcessUse.CpuMilliseconds(plane.Load.Process.Id),
    ];
}

using System.Globalization;
using System.Net;

namespace Elysium.Client.Agent;

/// <summary>
/// The agent's log: plain lines on standard error, where systemd and containers pick them up. Every event has one method here, so that
/// the vocabulary is fixed and nothing secret can slip in. Written by hand: Microsoft.Extensions.Logging costs the binary a megabyte.
/// </summary>
internal sealed class AgentLog(TextWriter writer, TimeProvider time, bool verbose, string? network = null)
{
    public AgentLog For(string name) => new(writer, time, verbose, name);

    public void Started(string version, string stateDirectory, int networks, string engine) =>
        Information($"elysium {version} serves {networks} networks of {stateDirectory}; WireGuard: {engine}");

    public void Stopping() => Information("stopping; interfaces stay up");

    public void StateUnreadable(string why) => Error($"cannot read what is kept: {why}");

    public void KernelSilent(string why) => Warning($"the kernel tells of no changes, so that the interface is only looked at every few seconds: {why}");

    public void StatusUnwritable(string why) => Error($"cannot write the status, so that 'elysium status' shows an old one: {why}");

    public void ServedElsewhere() => Warning("another agent serves this network; waiting for it to end");

    public void Serving(string interfaceName, NetworkMap? map, string age) => Information(map switch
    {
        null => $"serving on {interfaceName} without a map",
        { Version: 0 } => $"serving on {interfaceName} through the hub; the whole map has not come yet",
        _ => $"serving on {interfaceName} with map {map.Version} ({map.Peers.Count} peers, confirmed {age})",
    });

    public void WorkerFailed(Exception cause) =>
        Error(verbose ? $"failed and starts again: {cause}" : $"failed and starts again: {cause.GetType().Name}: {cause.Message}");

    public void Left() => Information("left; interface removed");

    public void Revoked(string reason) => Error($"revoked: {reason} The interface is removed");

    public void RevocationUnwritten(string reason, string why) =>
        Error($"revoked: {reason} The interface is removed, but that cannot be written down, and is tried again: {why}");

    public void RemovalFailed(string interfaceName, string why) => Error($"cannot remove {interfaceName}: {why}");

    public void InterfaceChanged(string interfaceName, IEnumerable<string> changes) =>
        Information($"{interfaceName}: {string.Join("; ", changes)}");

    public void InterfaceFailed(string interfaceName, string why) => Error($"{interfaceName}: {why}");

    public void InterfaceRecovered(string interfaceName) => Information($"{interfaceName}: as it should be again");

    public void EndpointUnresolved(string endpoint, string why) => Warning($"cannot resolve the hub {endpoint}: {why}");

    public void HubElsewhere(IPEndPoint endpoint, IPEndPoint before) => Warning($"the hub is tried at {endpoint} instead of {before}");

    public void Connecting(Uri backend) => Debug($"connecting to {backend.Authority}");

    public void Connected(Uri backend) => Information($"connected to {backend.Authority}");

    public void Disconnected(string why, TimeSpan wait) =>
        Warning(string.Create(CultureInfo.InvariantCulture, $"disconnected: {why}; trying again in {wait.TotalSeconds:0.0} s"));

    public void MapHeld(long version, int peers) => Information($"map {version} held, {peers} peers");

    public void MapUnwritable(long version, string why) =>
        Error($"map {version} is used, but cannot be kept, so that a restart begins with an older one; tried again every few seconds: {why}");

    public void MapWritten(long version) => Information($"map {version} is kept again");

    public void MapDoubted(long version, int peers, int held) =>
        Warning($"map {version} has {peers} peers where {held} are held; asking again in a while before it is believed");

    public void HeartbeatFailed(string why) => Warning($"heartbeat failed: {why}");

    public void Renewed(DateTimeOffset until) =>
        Information(string.Create(CultureInfo.InvariantCulture, $"certificate renewed until {until.UtcDateTime:yyyy-MM-dd'T'HH:mm:ss'Z'}"));

    public void RenewalFailed(string why, TimeSpan wait) =>
        Warning(string.Create(CultureInfo.InvariantCulture, $"certificate not renewed: {why}; trying again in {wait.TotalSeconds:0} s"));

    private void Debug(string text)
    {
        if (verbose)
        {
            Write("debug", text);
        }
    }

    private void Information(string text) => Write("info ", text);

    private void Warning(string text) => Write("warn ", text);

    private void Error(string text) => Write("error", text);

    private void Write(string level, string text)
    {
        var now = time.GetUtcNow().UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss.fff'Z'", CultureInfo.InvariantCulture);
        var line = network is null ? $"{now} {level} {text}" : $"{now} {level} {network}: {text}";
        lock (writer)
        {
            writer.WriteLine(line);
        }
    }
}

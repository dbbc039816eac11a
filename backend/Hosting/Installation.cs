using Elysium.Backend.Access;
using Elysium.Backend.Database;
using Elysium.Backend.Pki;

namespace Elysium.Backend.Hosting;

/// <summary>What all backends of an installation share beside its tables, found or made at the start: the sealing keys and the CA.</summary>
internal sealed class Installation(BackendOptions options, DataDirectory data, TimeProvider time) : IDisposable
{
    private KeySealer? _sealer;
    private CertificateAuthority? _authority;

    public KeySealer Sealer => _sealer ?? throw new InvalidOperationException("The installation was not prepared.");

    public CertificateAuthority Authority => _authority ?? throw new InvalidOperationException("The installation was not prepared.");

    /// <summary>Runs when the tables are there and before the first request; the caller keeps other backends from doing the same at once.</summary>
    public async Task<Refusal?> PrepareAsync(ElysiumDatabase database, CancellationToken cancellationToken)
    {
        try
        {
            return await FindOrMakeAsync(database, cancellationToken);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return new Refusal("data_directory", $"The data folder {data.Root} cannot be used: {e.Message}");
        }
    }

    public void Dispose()
    {
        _authority?.Dispose();
        _sealer?.Dispose();
    }

    private async Task<Refusal?> FindOrMakeAsync(ElysiumDatabase database, CancellationToken cancellationToken)
    {
        var sealer = await SealingKeyFile.OpenAsync(options, database, cancellationToken);
        if (sealer.Refusal is { } noKeys)
        {
            return noKeys;
        }

        _sealer = sealer.Value;
        var authority = await InstalledAuthority.OpenAsync(database, _sealer, data.Pki, options, time, cancellationToken);
        if (authority.Refusal is { } noAuthority)
        {
            return noAuthority;
        }

        _authority = authority.Value;
        await BootstrapToken.EnsureAsync(database, data.Root, time, cancellationToken);
        return null;
    }
}

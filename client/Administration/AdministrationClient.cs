using System.Text.Json.Serialization.Metadata;
using Elysium.Client.Backend;
using Elysium.Client.Output;

namespace Elysium.Client.Administration;

/// <summary>A verified connection with an API token: from the profile, or from the environment where there is none (containers, CI).</summary>
internal sealed class AdministrationClient : IDisposable
{
    public const string UrlVariable = "ELYSIUM_URL";
    public const string TokenVariable = "ELYSIUM_API_TOKEN";
    public const string PinVariable = "ELYSIUM_CA_PIN";

    private readonly BackendConnection _connection;
    private readonly string _token;

    private AdministrationClient(BackendConnection connection, string token)
    {
        _connection = connection;
        _token = token;
    }

    public static async Task<(AdministrationClient? Client, CommandError? Error)> OpenAsync(Invocation invocation, CancellationToken cancellation)
    {
        var profile = Profile.Read(invocation.Environment);
        var urlText = Variable(UrlVariable);
        var pinText = Variable(PinVariable);
        Uri? url = null;
        if (urlText is not null && (!Uri.TryCreate(urlText, UriKind.Absolute, out url) || !JoinCode.IsBackendUrl(url)))
        {
            return (null, new CommandError(ExitCode.Usage, $"{UrlVariable}='{urlText}' is no URL of a backend, such as https://elysium.example.com:8080 or https://[2001:db8::1]:8080; a link-local address is none."));
        }

        // A profile's token is for its own backend and no other.
        var token = Variable(TokenVariable) ?? (url is null || url == profile?.Url ? profile?.Token : null);
        if ((url ?? profile?.Url) is not { } backend || token is null)
        {
            return (null, new CommandError(ExitCode.Usage, $"Not logged in. Use 'elysium login URL', or set {UrlVariable}, {TokenVariable} and {PinVariable}."));
        }

        var (trust, error) = await TrustAsync(backend, pinText, profile, invocation.Time, cancellation);
        return trust is null
            ? (null, error)
            : (new AdministrationClient(BackendConnection.Verified(backend, trust, invocation.Time), token), null);

        string? Variable(string name) => invocation.Environment(name) is { Length: > 0 } value ? value : null;
    }

    public Task<Answer<T>> GetAsync<T>(string path, JsonTypeInfo<T> type, CancellationToken cancellation)
        where T : class =>
        _connection.GetAsync(path, type, _token, cancellation);

    public Task<Answer<TResponse>> PostAsync<TRequest, TResponse>(
        string path,
        TRequest body,
        JsonTypeInfo<TRequest> bodyType,
        JsonTypeInfo<TResponse> type,
        CancellationToken cancellation)
        where TResponse : class =>
        _connection.PostAsync(path, body, bodyType, type, _token, cancellation);

    public Task<Answer<Done>> DeleteAsync(string path, CancellationToken cancellation) => _connection.DeleteAsync(path, _token, cancellation);

    public void Dispose() => _connection.Dispose();

    private static async Task<(BackendTrust? Trust, CommandError? Error)> TrustAsync(
        Uri backend,
        string? pinText,
        Profile? profile,
        TimeProvider time,
        CancellationToken cancellation)
    {
        if (pinText is not null)
        {
            if (!Pin.TryParse(pinText, out var pin))
            {
                return (null, new CommandError(ExitCode.Usage, $"{PinVariable}='{pinText}' is no pin: {Pin.Rule}."));
            }

            var (pinned, failure) = await PinnedTrust.FetchAsync(backend, pin, time, cancellation);
            return (pinned, failure is null ? null : CommandError.Of(failure));
        }

        if (profile is null || profile.Url != backend)
        {
            return (null, new CommandError(ExitCode.Usage, $"Set {PinVariable} too: nothing here says which root certificate {backend.Authority} has."));
        }

        return BackendTrust.TryRead(profile.Trust, time, out var trust, out var error)
            ? (trust, null)
            : (null, new CommandError(ExitCode.Failed, $"The profile cannot be used: {error} Log in again."));
    }
}

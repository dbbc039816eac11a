using System.CommandLine;
using Elysium.Client.Backend;
using Elysium.Client.Output;

namespace Elysium.Client.Administration;

/// <summary><c>elysium login URL</c></summary>
internal static class LoginCommand
{
    public static Command Create(Invocation invocation)
    {
        var url = new Argument<string>("URL") { Description = "Base URL of the backend, https://HOST:PORT." };
        url.Validators.Add(static result =>
        {
            var text = result.GetValueOrDefault<string>();
            if (!Uri.TryCreate(text, UriKind.Absolute, out var parsed) || !JoinCode.IsBackendUrl(parsed))
            {
                result.AddError($"'{text}' is no URL of a backend, such as https://elysium.example.com:8080 or https://[2001:db8::1]:8080; a link-local address is none.");
            }
        });
        var pin = new Option<string?>("--pin") { Description = $"The installation's root: {Pin.Rule}.", HelpName = "HEX" };
        pin.Validators.Add(static result =>
        {
            if (result.GetValueOrDefault<string?>() is { } text && !Pin.TryParse(text, out _))
            {
                result.AddError($"'{text}' is no pin: {Pin.Rule}.");
            }
        });
        var tokenFile = new Option<string?>("--token-file") { Description = "Read the API token from this file; otherwise from standard input.", HelpName = "FILE" };
        return Commands.Verb(
            "login",
            """
            Keep a backend's address, its root certificate and an API token for the commands network, token and peer.

            Examples:
              elysium login https://elysium.example.com:8080
              elysium login https://10.0.0.1:8080 --pin 3f1c… --token-file /run/secrets/elysium
            """,
            [url, pin, tokenFile],
            (parse, cancellation) => RunAsync(
                invocation,
                new Uri(parse.GetRequiredValue(url)),
                parse.GetValue(pin),
                parse.GetValue(tokenFile),
                cancellation));
    }

    private static async Task<ExitCode> RunAsync(Invocation invocation, Uri url, string? pinText, string? tokenFile, CancellationToken cancellation)
    {
        var terminal = invocation.Terminal;
        var (trust, error) = pinText is not null && Pin.TryParse(pinText, out var pin)
            ? await ByPinAsync(url, pin, invocation.Time, cancellation)
            : await ByPersonAsync(url, invocation, cancellation);
        if (trust is null)
        {
            return error!.Tell(terminal);
        }

        var token = tokenFile is null ? terminal.ReadSecret("API token: ") : (await File.ReadAllTextAsync(tokenFile, cancellation)).Trim();
        if (string.IsNullOrEmpty(token))
        {
            return terminal.Fail(ExitCode.Usage, "No API token was given. 'elysium-backend admin-token' prints the first one.");
        }

        // Verified from here on: the whole bundle, and whether the token opens anything.
        using var connection = BackendConnection.Verified(url, trust, invocation.Time);
        if (!(await connection.GetTrustAsync(cancellation)).Is(out var bundle, out var failure)
            || !(await connection.GetAsync("/v1/networks", ElysiumJson.Default.ListingNetworkResponse, token, cancellation)).Is(out _, out failure))
        {
            return CommandError.Of(failure).Tell(terminal);
        }

        new Profile(url, bundle, token).Write(invocation.Environment);
        terminal.Note($"Logged in to {url.Authority}; kept in {Profile.PathIn(invocation.Environment)}.");
        return ExitCode.Ok;
    }

    private static async Task<(BackendTrust? Trust, CommandError? Error)> ByPinAsync(Uri url, byte[] pin, TimeProvider time, CancellationToken cancellation)
    {
        var (trust, failure) = await PinnedTrust.FetchAsync(url, pin, time, cancellation);
        return (trust, failure is null ? null : CommandError.Of(failure));
    }

    private static async Task<(BackendTrust? Trust, CommandError? Error)> ByPersonAsync(Uri url, Invocation invocation, CancellationToken cancellation)
    {
        using var connection = BackendConnection.Unverified(url, invocation.Time);
        if (!(await connection.GetTrustAsync(cancellation)).Is(out var bundle, out var failure))
        {
            return (null, CommandError.Of(failure));
        }

        if (!BackendTrust.TryRead(bundle, invocation.Time, out var trust, out var error))
        {
            return (null, new CommandError(ExitCode.BackendUntrusted, $"{url.Authority} is no Elysium backend: {error}"));
        }

        // One, because a person who finds the right one among several would say yes to all of them.
        if (trust.Pins is not [var pin])
        {
            return (null, new CommandError(ExitCode.BackendUntrusted, $"{url.Authority} names {trust.Pins.Count} root certificates; say with --pin which one is meant."));
        }

        invocation.Terminal.Note($"{url.Authority} names the root certificate {pin}");
        return invocation.Terminal.Confirm("Is that the CA pin in the backend's log and in pki/root.pin of its data folder?") switch
        {
            true => (trust, null),
            false => (null, new CommandError(ExitCode.BackendUntrusted, "Not logged in: the root certificate was not confirmed.")),
            null => (null, new CommandError(ExitCode.Usage, "There is no terminal to confirm the root certificate on; give it with --pin.")),
        };
    }
}

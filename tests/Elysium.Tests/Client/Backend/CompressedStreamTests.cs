using System.IO.Compression;
using System.Net;
using System.Net.ServerSentEvents;
using System.Text;
using Elysium.Client.Backend;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Time.Testing;

namespace Elysium.Tests.Client.Backend;

public sealed class CompressedStreamTests
{
    [Fact]
    public async Task Each_event_of_a_compressed_stream_is_there_when_its_last_byte_is_however_the_bytes_are_cut()
    {
        using var installation = new Installation();
        using var read = new SemaphoreSlim(0);
        using var deadline = new CancellationTokenSource(TimeSpan.FromSeconds(30));
        string[] events = [.. Enumerable.Range(1, 5).Select(n => $"event: change\nid: {n}\ndata: {{\"version\":{n},\"text\":\"{new string((char)('a' + n), 3000 * (n % 2))}\"}}\n\n")];
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseKestrelHttpsConfiguration();
        builder.WebHost.ConfigureKestrel(kestrel => kestrel.Listen(IPAddress.Loopback, 0, listen => listen.UseHttps(installation.Server())));
        await using var app = builder.Build();
        app.Run(async http =>
        {
            http.Request.Headers.AcceptEncoding.ToString().ShouldContain("gzip");
            http.Response.Headers.ContentEncoding = "gzip";
            http.Response.ContentType = "text/event-stream";
            foreach (var text in events)
            {
                foreach (var one in Member(text))
                {
                    await http.Response.Body.WriteAsync(new[] { one }, deadline.Token);
                    await http.Response.Body.FlushAsync(deadline.Token);
                }

                // Nothing more before the reader has this one.
                await read.WaitAsync(deadline.Token);
            }
        });
        await app.StartAsync(deadline.Token);
        var url = new Uri(app.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.Single());
        var time = new FakeTimeProvider(Installation.Start);
        BackendTrust.TryRead(installation.Bundle, time, out var trust, out var error).ShouldBeTrue(error);
        using var connection = BackendConnection.Verified(url, trust, time);

        (await connection.OpenStreamAsync("/v1/self/events", null, deadline.Token)).Is(out var stream, out var failure).ShouldBeTrue(failure?.Message);
        var ids = new List<string?>();
        await foreach (var item in SseParser.Create(stream!).EnumerateAsync(deadline.Token))
        {
            ids.Add(item.EventId);
            read.Release();
        }

        ids.ShouldBe(["1", "2", "3", "4", "5"]);
    }

    private static byte[] Member(string text)
    {
        using var bytes = new MemoryStream();
        using (var gzip = new GZipStream(bytes, CompressionLevel.Optimal, leaveOpen: true))
        {
            gzip.Write(Encoding.UTF8.GetBytes(text));
        }

        return bytes.ToArray();
    }
}

using System.Text;
using Elysium.Backend.Database;
using Elysium.Backend.Hosting;
using Microsoft.EntityFrameworkCore;

namespace Elysium.Backend.Access;

/// <summary>The first admin's API token: made on the first start, kept 0600 in the data folder, printed by <c>admin-token</c>.</summary>
internal static class BootstrapToken
{
    private const string Name = "bootstrap";

    /// <summary>The file first, then the row: a crash between the two is mended by the next start.</summary>
    public static async Task EnsureAsync(ElysiumDatabase database, string dataDirectory, TimeProvider time, CancellationToken cancellationToken)
    {
        if (await database.ApiTokens.AnyAsync(t => t.Name == Name, cancellationToken))
        {
            return;
        }

        var secret = BearerSecret.Generate();
        var hash = BearerSecret.Hash(secret);
        DataDirectory.WriteSecret(DataDirectory.AdminTokenIn(dataDirectory), Encoding.ASCII.GetBytes(BearerSecret.Reveal(BearerSecret.ApiPrefix, secret) + "\n"));
        var now = time.GetUtcNow();
        database.ApiTokens.Add(new ApiToken
        {
            Id = Guid.CreateVersion7(now),
            Name = Name,
            SecretHash = hash,
            Prefix = BearerSecret.PublicPrefix(hash),
            Role = ApiRole.Admin,
            CreatedAt = now,
        });
        await database.SaveChangesAsync(cancellationToken);
    }
}

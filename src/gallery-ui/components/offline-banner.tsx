import { Icon } from './icons.tsx';

export function OfflineBanner() {
  return (
    <div className="offline-banner" role="status">
      <Icon name="offline" />
      You are offline. Uploads wait and go on by themselves when the connection is back.
    </div>
  );
}
